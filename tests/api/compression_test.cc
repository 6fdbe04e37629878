#include "api/compression.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "world.h"

namespace sextant::api {
namespace {

using testing::ElementsAre;

TEST(AcceptsGzip, WhereItIsNamedAndNotRefused) {
  const struct {
    net::Headers headers;
    bool accepts;
  } kCases[] = {
      {{}, false},
      {{{"Accept-Encoding", ""}}, false},
      {{{"Accept-Encoding", "gzip"}}, true},
      {{{"Accept-Encoding", "br, GZIP ; q=0.5, *"}}, true},
      {{{"Accept-Encoding", "br"}, {"Accept-Encoding", "gzip"}}, true},
      {{{"Accept-Encoding", "gzip;q=0"}}, false},
      {{{"Accept-Encoding", "gzip; Q = 0.00"}}, false},
      {{{"Accept-Encoding", "gzip;q=0.01"}}, true},
      {{{"Accept-Encoding", "*"}}, false},
      {{{"Accept-Encoding", "identity, notgzip"}}, false},
  };
  for (const auto& c : kCases) {
    const std::string* header = c.headers.Find("Accept-Encoding");
    SCOPED_TRACE(header == nullptr ? "(none)" : *header);
    EXPECT_EQ(AcceptsGzip(c.headers), c.accepts);
  }
}

Call CallOf(RequestPath::Kind kind, bool gzip) {
  net::Request request;
  if (gzip) request.headers.Set("Accept-Encoding", "gzip");
  Call call = ReadCall(std::move(request), {});
  call.where.kind = kind;
  return call;
}

TEST(Compression, PacksWhatIsLongAndOpenApiAtAnyLength) {
  using Kind = RequestPath::Kind;
  const std::size_t limit = 128 * 1024;
  const struct {
    Kind kind;
    std::size_t length;
    bool gzip;
    bool packed;
    bool varies;
  } kCases[] = {
      {Kind::kCustomMetric, limit, true, false, false},
      {Kind::kCustomMetric, limit + 1, true, true, true},
      {Kind::kCustomMetric, limit + 1, false, false, true},
      {Kind::kResources, limit, true, false, true},
      {Kind::kResources, limit + 1, true, true, true},
      {Kind::kOpenApiV3Group, 100, true, true, true},
      {Kind::kOpenApiV3Group, 100, false, false, true},
      {Kind::kOpenApiV2, 0, true, false, true},
      {Kind::kOwnMetrics, 100, true, true, true},
      {Kind::kHealth, 100, true, false, false},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(std::to_string(static_cast<int>(c.kind)) + " " +
                 std::to_string(c.length));
    Compression compression;
    net::Response response =
        net::Response::Of(200, "text/plain", std::string(c.length, 'x'));
    compression.Apply(CallOf(c.kind, c.gzip), response);
    EXPECT_EQ(response.headers.Find("Content-Encoding") != nullptr, c.packed);
    EXPECT_EQ(response.headers.Find("Vary") != nullptr, c.varies);
    EXPECT_EQ(response.body->size() != c.length, c.packed);
  }
}

TEST(Compression, PacksADocumentOnce) {
  Compression compression;
  const Call call = CallOf(RequestPath::Kind::kOpenApiV2, true);
  auto document = std::make_shared<const std::string>(1000, 'x');
  net::Response first;
  first.body = document;
  compression.Apply(call, first);
  net::Response second;
  second.body = document;
  compression.Apply(call, second);
  EXPECT_EQ(first.body, second.body);
  // Another one in its place, perhaps at its address, is packed anew.
  document = std::make_shared<const std::string>(1000, 'y');
  net::Response other;
  other.body = document;
  compression.Apply(call, other);
  EXPECT_NE(*other.body, *first.body);
}

TEST(Compression, BothFormsHaveOneTag) {
  World world;
  world.Discover();
  const net::Response plain = world.Get("/openapi/v2");
  const net::Response packed =
      world.Get("/openapi/v2", {{"Accept-Encoding", "gzip"}});
  EXPECT_EQ(*packed.headers.Find("Content-Encoding"), "gzip");
  EXPECT_EQ(*packed.headers.Find("ETag"), *plain.headers.Find("ETag"));
  EXPECT_EQ(
      world
          .Get("/openapi/v2", {{"Accept-Encoding", "gzip"},
                               {"If-None-Match", *plain.headers.Find("ETag")}})
          .status,
      304);
}

TEST(Compression, AddsToWhatAnAnswerVariesBy) {
  World world;
  world.Discover();
  EXPECT_THAT(world.Get("/apis").headers.FindAll("Vary"),
              ElementsAre("Accept", "Accept-Encoding"));
}

}  // namespace
}  // namespace sextant::api
