#include "sextant/net/http.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sextant::net {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

TEST(Headers, AreFoundWithoutRegardToCase) {
  const Headers headers{{"Via", "a"}, {"Host", "x"}, {"VIA", "b"}};
  ASSERT_NE(headers.Find("via"), nullptr);
  EXPECT_EQ(*headers.Find("via"), "a");
  EXPECT_EQ(headers.Find("vi"), nullptr);
  EXPECT_THAT(headers.FindAll("vIa"), ElementsAre("a", "b"));
  EXPECT_THAT(headers.FindAll("Age"), IsEmpty());
}

TEST(Headers, SetReplacesEveryFieldOfThatName) {
  Headers headers{{"Via", "a"}, {"Host", "x"}, {"VIA", "b"}};
  headers.Set("via", "c");
  headers.Set("Age", "1");
  EXPECT_THAT(headers.fields(), ElementsAre(Pair("Host", "x"), Pair("via", "c"),
                                            Pair("Age", "1")));
}

TEST(Response, OfHasTypeAndBody) {
  const Response response = Response::Of(404, "text/plain", "not here");
  EXPECT_EQ(response.status, 404);
  EXPECT_THAT(response.headers.fields(),
              ElementsAre(Pair("Content-Type", "text/plain")));
  EXPECT_EQ(*response.body, "not here");
}

}  // namespace
}  // namespace sextant::net
