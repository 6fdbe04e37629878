#include "api/list_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/result_matchers.h"

namespace sextant::api {
namespace {

using std::chrono::seconds;

TEST(ListOptions, RefusesWithTheApiServersWords) {
  const struct {
    const char* query;
    const char* message;
  } kCases[] = {
      {"limit=abc", R"(strconv.ParseInt: parsing "abc": invalid syntax)"},
      {"limit=", R"(strconv.ParseInt: parsing "": invalid syntax)"},
      {"limit=-", R"(strconv.ParseInt: parsing "-": invalid syntax)"},
      {"limit=%2B-1", R"(strconv.ParseInt: parsing "+-1": invalid syntax)"},
      {"limit=1x", R"(strconv.ParseInt: parsing "1x": invalid syntax)"},
      {"limit=99999999999999999999",
       R"(strconv.ParseInt: parsing "99999999999999999999": value out of range)"},
      {"timeoutSeconds=x", R"(strconv.ParseInt: parsing "x": invalid syntax)"},
      {"limit=a&timeoutSeconds=b",
       R"(strconv.ParseInt: parsing "b": invalid syntax)"},
      {"labelSelector=!!",
       "unable to parse requirement: found '!', expected: identifier"},
      {"labelSelector=a%3Db,&fieldSelector=!!",
       "found '', expected: identifier after ','"},
      {"fieldSelector=!!", "invalid selector: '!!'; can't understand '!!'"},
      {"fieldSelector=metadata.name%3Dx,y",
       "invalid selector: 'metadata.name=x,y'; can't understand 'y'"},
      {"fieldSelector=foo%3Dbar",
       R"("foo" is not a known field selector: only "metadata.name", )"
       R"("metadata.namespace")"},
      {"fieldSelector=metadata.name%3Da%3Db",
       "invalid field selector: unescaped character in value: 61"},
      {"fieldSelector=metadata.name%3Da%5Cb",
       "invalid field selector: invalid escape sequence: \\b"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.query);
    EXPECT_THAT(ReadListOptions(QueryParameters(c.query)),
                FailsWith(ErrorCode::kInvalidArgument, c.message));
  }
}

// Checklist of the wire, 21, 32 and 33.
TEST(ListOptions, IgnoresWhatDoesNotMatterHere) {
  for (const char* query :
       {"", "limit=1", "limit=-1", "limit=%2B5", "continue=abc", "pretty=1",
        "timeoutSeconds=30", "timeout=32s", "selector=x", "labelSelector=",
        "fieldSelector=", "fieldSelector=,", "a=%zz&limit=1", "limit=1;2"}) {
    SCOPED_TRACE(query);
    const Result<ListOptions> options = ReadListOptions(QueryParameters(query));
    ASSERT_THAT(options, IsOk());
    EXPECT_TRUE(options->label_selector.empty());
    EXPECT_TRUE(options->field_selector.terms.empty());
    EXPECT_FALSE(options->watch);
  }
}

TEST(ListOptions, ReadsTheFirstValue) {
  const Result<ListOptions> options = ReadListOptions(QueryParameters(
      "labelSelector=app%3Dweb%2Ctier+in+%28a%2Cb%29&labelSelector=!!"));
  ASSERT_THAT(options, IsOk());
  EXPECT_EQ(options->label_selector.ToString(), "app=web,tier in (a,b)");
}

TEST(ListOptions, ReadsWatchAsTheApiServerReadsAFlag) {
  const struct {
    const char* query;
    bool watch;
  } kCases[] = {{"watch=true", true},   {"watch=1", true},
                {"watch=maybe", true},  {"watch=", true},
                {"watch=false", false}, {"watch=False", false},
                {"watch=0", false},     {"", false}};
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.query);
    const Result<ListOptions> options =
        ReadListOptions(QueryParameters(c.query));
    ASSERT_THAT(options, IsOk());
    EXPECT_EQ(options->watch, c.watch);
  }
}

TEST(ListOptions, ReadsFieldSelectors) {
  const Result<FieldSelector> selector = FieldSelector::Parse(
      "metadata.name==a\\,b\\=c,,metadata.namespace!=shop");
  ASSERT_THAT(selector, IsOk());
  const std::vector<FieldSelector::Term> wanted = {
      {"metadata.name", true, "a,b=c"}, {"metadata.namespace", false, "shop"}};
  EXPECT_EQ(selector->terms, wanted);
  EXPECT_EQ(selector->Demands("metadata.name"), "a,b=c");
  EXPECT_EQ(selector->Demands("metadata.namespace"), std::nullopt);
}

// Checklist, 94.
TEST(ListOptions, TakesATimeoutThatIsShorter) {
  const struct {
    const char* query;
    Duration patience;
  } kCases[] = {{"", seconds(60)},
                {"timeout=", seconds(60)},
                {"timeout=2s", seconds(2)},
                {"timeout=32s", seconds(32)},
                {"timeout=5m", seconds(60)},
                {"timeout=0", seconds(60)},
                {"timeout=-1s", seconds(60)},
                {"timeout=1s&timeout=2s", seconds(1)}};
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.query);
    const Result<Duration> patience =
        ReadTimeout(QueryParameters(c.query), seconds(60));
    ASSERT_THAT(patience, IsOk());
    EXPECT_EQ(*patience, c.patience);
  }
  EXPECT_THAT(ReadTimeout(QueryParameters("timeout=abc"), seconds(60)),
              FailsWith(ErrorCode::kInvalidArgument,
                        "invalid timeout specified in the request URL - time: "
                        "invalid duration \"abc\""));
}

TEST(ListOptions, ReadsTheMetricSelectorApart) {
  EXPECT_THAT(ReadMetricSelector(QueryParameters("metricLabelSelector=a+b")),
              FailsWith(ErrorCode::kInvalidArgument,
                        "unable to parse requirement: found 'b', expected: in, "
                        "notin, =, ==, !=, gt, lt"));
  const Result<model::Selector> selector = ReadMetricSelector(
      QueryParameters("metricLabelSelector=verb%3DGET%2C%21x"));
  ASSERT_THAT(selector, IsOk());
  EXPECT_EQ(selector->ToString(), "verb=GET,!x");
}

}  // namespace
}  // namespace sextant::api
