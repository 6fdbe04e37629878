#include "sextant/model/selector.h"

#include <gtest/gtest.h>

#include "support/result_matchers.h"

namespace sextant::model {
namespace {

using ::testing::StartsWith;

TEST(Selector, ReadsTheGrammar) {
  const struct {
    const char* text;
    const char* canonical;
  } cases[] = {
      {"", ""},
      {"  \t\n", ""},
      {"a", "a"},
      {"!a", "!a"},
      {"! a", "!a"},
      {"a=b", "a=b"},
      {"a == b", "a=b"},
      {"a!=b", "a!=b"},
      {"a=", "a="},
      {"a=,b", "a=,b"},
      {"a in (x, y)", "a in (x,y)"},
      {"a in (y,x,y)", "a in (x,y)"},
      {"a in ()", "a in ()"},
      {"a in (,x)", "a in (,x)"},
      {"a in (x,)", "a in (,x)"},
      {"a notin (x)", "a notin (x)"},
      {"z=1,a=2", "a=2,z=1"},
      {"a>5,b<7", "a>5,b<7"},
      {"a in (in,notin)", "a in (in,notin)"},
      {"acme.com/app=web", "acme.com/app=web"},
      {"code notin (500),code in (500,200),code",
       "code notin (500),code in (200,500),code"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    const auto selector = Selector::Parse(c.text);
    ASSERT_THAT(selector, IsOk());
    EXPECT_EQ(selector->ToString(), c.canonical);
  }
}

TEST(Selector, RefusesInKubernetesWords) {
  const struct {
    const char* text;
    const char* message;
  } cases[] = {
      {"a=b,", "found '', expected: identifier after ','"},
      {",a=b", "found ',', expected: !, identifier, or 'end of string'"},
      {"a=b=c", "found '=', expected: ',' or 'end of string'"},
      {"!a=b", "found '=', expected: ',' or 'end of string'"},
      {"!!", "unable to parse requirement: found '!', expected: identifier"},
      {"a in b", "unable to parse requirement: found 'b', expected: '('"},
      {"a b",
       "unable to parse requirement: found 'b', expected: in, notin, =, ==, "
       "!=, gt, lt"},
      {"a in (b",
       "unable to parse requirement: found '', expected: ',' or "
       "')'"},
      {"a>x",
       "unable to parse requirement: values[0][a]: Invalid value: \"x\": for "
       "'Gt', 'Lt' operators, the value must be an integer"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    EXPECT_THAT(Selector::Parse(c.text),
                FailsWith(ErrorCode::kInvalidArgument, c.message));
  }
}

TEST(Selector, ChecksKeysAndValues) {
  const std::string long_name(64, 'a');
  const struct {
    std::string text;
    const char* begins;
  } cases[] = {
      {"-a=b",
       "unable to parse requirement: <nil>: Invalid value: \"-a\": "
       "name part must consist of "},
      {"/a=b",
       "unable to parse requirement: <nil>: Invalid value: \"/a\": "
       "prefix part must be non-empty"},
      {"A.com/a=b",
       "unable to parse requirement: <nil>: Invalid value: "
       "\"A.com/a\": prefix part a lowercase RFC 1123"},
      {"a/b/c=d",
       "unable to parse requirement: <nil>: Invalid value: "
       "\"a/b/c\": a qualified name must consist of"},
      {long_name + "=b", "unable to parse requirement: <nil>: Invalid value: "},
      {"a=" + long_name,
       "unable to parse requirement: values[0][a]: Invalid value: "},
      {"a=b:c",
       "unable to parse requirement: values[0][a]: Invalid value: "
       "\"b:c\": a valid label must be"},
      {"a=-b", "unable to parse requirement: values[0][a]: Invalid value: "},
      {"a in (ok,b|c)", "unable to parse requirement: values[0][a]: "},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    EXPECT_THAT(Selector::Parse(c.text),
                FailsWith(ErrorCode::kInvalidArgument, StartsWith(c.begins)));
  }
}

TEST(Selector, MatchesObjects) {
  const Labels labels = {{"app", "web"}, {"tier", "a"}, {"n", "7"}, {"e", ""}};
  const struct {
    const char* text;
    bool want;
  } cases[] = {
      {"", true},
      {"app=web", true},
      {"app=api", false},
      {"app", true},
      {"zone", false},
      {"!zone", true},
      {"!app", false},
      {"app!=api", true},
      {"app!=web", false},
      {"zone!=x", true},
      {"tier in (a,b)", true},
      {"tier in (b)", false},
      {"zone in (a)", false},
      {"tier notin (b)", true},
      {"tier notin (a)", false},
      {"zone notin (a)", true},
      {"n>6", true},
      {"n>7", false},
      {"n<8", true},
      {"app>1", false},
      {"zone>1", false},
      {"e=", true},
      {"zone=", false},
      {"app=web,tier=b", false},
      {"app=web,tier=a", true},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    const auto selector = Selector::Parse(c.text);
    ASSERT_THAT(selector, IsOk());
    EXPECT_EQ(selector->Matches(labels), c.want);
  }
}

}  // namespace
}  // namespace sextant::model
