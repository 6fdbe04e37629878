#include "net/response_rules.h"

#include <gtest/gtest.h>

#include <string>

namespace sextant::net {
namespace {

TEST(IsSendable, LeavesFramingToTheServerAndLinesWhole) {
  struct Case {
    std::string name;
    std::string value;
    bool sendable;
  };
  for (const Case& c :
       {Case{"Content-Type", "text/plain", true}, Case{"X-Empty", "", true},
        Case{"x-latin", "caf\xe9", true}, Case{"content-length", "1", false},
        Case{"TRANSFER-ENCODING", "chunked", false},
        Case{"Connection", "close", false}, Case{"Date", "now", false},
        Case{"", "v", false}, Case{"X A", "v", false}, Case{"X:A", "v", false},
        Case{":status", "200", false}, Case{"X-A", "a\nb", false},
        Case{"X-A", "a\rb", false},
        Case{"X-A", std::string("a\0b", 3), false}}) {
    SCOPED_TRACE(c.name + ": " + c.value);
    EXPECT_EQ(IsSendable(c.name, c.value), c.sendable);
  }
}

TEST(EndsConnection, IsTheHandlersWish) {
  Response response;
  EXPECT_FALSE(EndsConnection(response));
  response.headers.Set("connection", "keep-alive");
  EXPECT_FALSE(EndsConnection(response));
  response.headers.Set("Connection", "Close");
  EXPECT_TRUE(EndsConnection(response));
}

}  // namespace
}  // namespace sextant::net
