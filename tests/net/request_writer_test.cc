#include "net/request_writer.h"

#include <gtest/gtest.h>

#include <string>

#include "support/result_matchers.h"

namespace sextant::net {
namespace {

ClientRequest To(const std::string& url) {
  ClientRequest request;
  request.url = *Url::Parse(url);
  return request;
}

TEST(RequestWriter, WritesTheWholeRequest) {
  ClientRequest request = To("http://prom:9090/api/v1/query?a=b");
  request.headers = {{"Accept", "application/json"}};
  EXPECT_EQ(*WriteRequest(request),
            "GET /api/v1/query?a=b HTTP/1.1\r\nHost: prom:9090\r\n"
            "Accept: application/json\r\n\r\n");
  request.method = "POST";
  request.body = "query=up";
  EXPECT_EQ(*WriteRequest(request),
            "POST /api/v1/query?a=b HTTP/1.1\r\nHost: prom:9090\r\n"
            "Accept: application/json\r\nContent-Length: 8\r\n\r\nquery=up");
  request.body = "";
  EXPECT_EQ(*WriteRequest(request),
            "POST /api/v1/query?a=b HTTP/1.1\r\nHost: prom:9090\r\n"
            "Accept: application/json\r\nContent-Length: 0\r\n\r\n");
}

TEST(RequestWriter, LeavesOutFieldsThatContradictTheFraming) {
  ClientRequest request = To("http://prom");
  request.headers = {{"host", "evil"},
                     {"Content-Length", "7"},
                     {"Transfer-Encoding", "chunked"},
                     {"Connection", "close"},
                     {"X", "y"}};
  EXPECT_EQ(*WriteRequest(request),
            "GET / HTTP/1.1\r\nHost: prom\r\nX: y\r\n\r\n");
}

TEST(RequestWriter, SendsTheUrlsUserUnlessThereIsAnAuthorization) {
  ClientRequest request = To("http://Aladdin:open%20sesame@prom");
  EXPECT_EQ(*WriteRequest(request),
            "GET / HTTP/1.1\r\nHost: prom\r\n"
            "Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n\r\n");
  request.headers.Add("authorization", "Bearer t");
  EXPECT_EQ(*WriteRequest(request),
            "GET / HTTP/1.1\r\nHost: prom\r\nauthorization: Bearer t\r\n\r\n");
}

TEST(RequestWriter, RefusesWhatWouldNotBeOneRequest) {
  const ClientRequest good = To("http://prom");
  ClientRequest method = good;
  method.method = "GET /x HTTP/1.1\r\n";
  ClientRequest no_method = good;
  no_method.method = "";
  ClientRequest path = good;
  path.url.path = "/a b";
  ClientRequest relative = good;
  relative.url.path = "a";
  ClientRequest query = good;
  query.url.query = "a\r\nb";
  ClientRequest name = good;
  name.headers.Add("A: b\r\nC", "d");
  ClientRequest value = good;
  value.headers.Add("Authorization", "secret\r\nC: d");
  const struct {
    const char* what;
    const ClientRequest& request;
    const char* why;
  } kCases[] = {
      {"method", method, "its method is no token"},
      {"no method", no_method, "its method is no token"},
      {"path", path,
       "its path or query holds a character that must be percent-encoded"},
      {"relative path", relative,
       "its path or query holds a character that must be percent-encoded"},
      {"query", query,
       "its path or query holds a character that must be percent-encoded"},
      {"name", name, "a header's name is no token"},
      {"value", value, "the header Authorization holds a control character"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.what);
    EXPECT_THAT(WriteRequest(c.request),
                FailsWith(ErrorCode::kInvalidArgument,
                          std::string("cannot send the request: ") + c.why));
  }
}

}  // namespace
}  // namespace sextant::net
