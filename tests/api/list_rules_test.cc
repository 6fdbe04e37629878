#include "api/list_rules.h"

#include <gtest/gtest.h>

#include <string>

namespace sextant::api {
namespace {

TEST(ListRules, RefuseWhatNoListCanHonour) {
  const struct {
    std::string query;
    std::string message;  // empty: it is fine
  } kCases[] = {
      {"", ""},
      {"limit=5&continue=x&resourceVersion=1", ""},
      {"resourceVersionMatch=", ""},
      {"resourceVersionMatch=Exact&resourceVersion=1", ""},
      {"resourceVersionMatch=NotOlderThan&resourceVersion=0", ""},
      {"resourceVersionMatch=Exact",
       "resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden "
       "unless resourceVersion is provided"},
      {"resourceVersionMatch=bogus&resourceVersion=1",
       "resourceVersionMatch: Unsupported value: \"bogus\": supported values: "
       "\"Exact\", \"NotOlderThan\", \"\""},
      {"resourceVersionMatch=Exact&resourceVersion=0",
       "resourceVersionMatch: Forbidden: resourceVersionMatch \"exact\" is "
       "forbidden for resourceVersion \"0\""},
      {"sendInitialEvents=true",
       "sendInitialEvents: Forbidden: sendInitialEvents is forbidden for "
       "list"},
      {"resourceVersionMatch=Exact&resourceVersion=1&continue=x&"
       "sendInitialEvents=true",
       "[resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden "
       "when continue is provided, sendInitialEvents: Forbidden: "
       "sendInitialEvents is forbidden for list]"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.query);
    const std::optional<Status> status =
        CheckListRules(QueryParameters(c.query));
    ASSERT_EQ(status.has_value(), !c.message.empty());
    if (!status) continue;
    EXPECT_EQ(status->message,
              "ListOptions.meta.k8s.io \"\" is invalid: " + c.message);
    EXPECT_EQ(status->code, 422);
    EXPECT_EQ(status->reason, "Invalid");
  }
}

TEST(ListRules, NameEachCause) {
  EXPECT_EQ(
      CheckListRules(QueryParameters("sendInitialEvents=true"))->details,
      (StatusDetails{"",
                     "meta.k8s.io",
                     "ListOptions",
                     {{"FieldValueForbidden",
                       "Forbidden: sendInitialEvents is forbidden for list",
                       "sendInitialEvents"}},
                     0}));
}

}  // namespace
}  // namespace sextant::api
