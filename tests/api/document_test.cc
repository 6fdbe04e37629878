#include "api/document.h"

#include <gtest/gtest.h>

namespace sextant::api {
namespace {

TEST(Document, IsNotSentToWhoHasIt) {
  const Document document = Document::Tagged("{}\n");
  ASSERT_EQ(document.etag.size(), 130u);
  const struct {
    std::string if_none_match;
    int status;
  } kCases[] = {
      {document.etag, 304},
      {"W/" + document.etag, 304},
      {"\"other\", " + document.etag, 304},
      {"*", 304},
      {"\"other\"", 200},
      {"", 200},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.if_none_match);
    const net::Response response =
        Serve(document, {{"if-none-match", c.if_none_match}});
    EXPECT_EQ(response.status, c.status);
    EXPECT_EQ(*response.headers.Find("ETag"), document.etag);
    EXPECT_EQ(response.body == nullptr, c.status == 304);
  }
}

TEST(Document, HasATagThatFollowsItsText) {
  EXPECT_EQ(Document::Tagged("a").etag, Document::Tagged("a").etag);
  EXPECT_NE(Document::Tagged("a").etag, Document::Tagged("b").etag);
}

TEST(Document, IsAlwaysSentWithoutATag) {
  const net::Response response =
      Serve(Document::Plain("{}\n"), {{"If-None-Match", "*"}});
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(*response.body, "{}\n");
  EXPECT_EQ(response.headers.Find("ETag"), nullptr);
}

}  // namespace
}  // namespace sextant::api
