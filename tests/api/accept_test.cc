#include "api/accept.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/result_matchers.h"

namespace sextant::api {
namespace {

constexpr char kV2Clause[] =
    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
constexpr char kV2Beta1Clause[] =
    "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList";
constexpr char kNothingFits[] =
    "406: Not Acceptable\n\nAvailable representations: application/json";
constexpr char kFormRefused[] =
    "only the following media types are accepted: application/json";

TEST(Accept, OrdersClausesByQualityThenAsWritten) {
  const std::vector<MediaRange> ranges = ReadAccept(
      {"a/a;q=0.5, B/B;As=Table , c/c;q=0", "d/d;q=0.501;x=\"1,2\""});
  const std::vector<MediaRange> wanted = {{"b/b", {{"as", "Table"}}, 1000},
                                          {"d/d", {{"x", "1,2"}}, 501},
                                          {"a/a", {}, 500}};
  EXPECT_EQ(ranges, wanted);
}

TEST(Accept, PassesOverWhatIsNoMediaRange) {
  const std::vector<MediaRange> ranges =
      ReadAccept({"json, /json, text/, a/b;q=2, a/b;q=x, c/d;q=1.000"});
  EXPECT_EQ(ranges, (std::vector<MediaRange>{{"c/d", {}, 1000}}));
}

// Checklist of the wire, 51 to 54, and its sections 5.1 and 12.
TEST(Accept, TakesJsonOrSaysWhatThereIs) {
  const struct {
    std::vector<std::string> accept;
    const char* refusal;  // null: JSON will do
  } kCases[] = {
      {{}, nullptr},
      {{""}, nullptr},
      {{"*/*"}, nullptr},
      {{"application/json"}, nullptr},
      {{"APPLICATION/JSON; charset=utf-8"}, nullptr},
      {{"application/*"}, nullptr},
      {{"application/json, */*"}, nullptr},
      {{"application/vnd.kubernetes.protobuf, */*"}, nullptr},
      {{"application/vnd.kubernetes.protobuf,application/json"}, nullptr},
      {{"application/vnd.kubernetes.protobuf", "application/json"}, nullptr},
      {{"application/json;stream=watch"}, nullptr},
      {{"application/json;as=Table;v=v1;g=meta.k8s.io,"
        "application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json"},
       nullptr},
      {{"application/json;q=0,*/*"}, nullptr},
      {{"application/json;q=0"}, kNothingFits},
      {{"text/html"}, kNothingFits},
      {{"application/yaml"}, kNothingFits},
      {{"application/vnd.kubernetes.protobuf"}, kNothingFits},
      {{"nonsense"}, kNothingFits},
      {{"application/json;as=Table;v=v1;g=meta.k8s.io"}, kFormRefused},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.accept.empty() ? "(none)" : c.accept[0]);
    const Result<Done> accepted = AcceptsJson(ReadAccept(c.accept));
    if (c.refusal == nullptr) {
      EXPECT_THAT(accepted, IsOk());
    } else {
      EXPECT_THAT(accepted, FailsWith(ErrorCode::kNotAcceptable, c.refusal));
    }
  }
}

// Checklist, 51 and 56.
TEST(Accept, ChoosesProtobufForWhoTakesNothingElse) {
  const std::string protobuf = "application/vnd.kubernetes.protobuf";
  const struct {
    std::string accept;
    BodyForm form;
  } kCases[] = {
      {"", BodyForm::kJson},
      {protobuf + ", */*", BodyForm::kJson},
      {protobuf + ",application/json", BodyForm::kJson},
      {protobuf, BodyForm::kProtobuf},
      {"text/html," + protobuf + ";q=0.5", BodyForm::kProtobuf},
      {"application/json;as=Table;v=v1;g=meta.k8s.io," + protobuf,
       BodyForm::kProtobuf},
      {protobuf + ";type=x,application/json;q=0", BodyForm::kProtobuf},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.accept);
    const Result<BodyForm> form = ChooseBodyForm(ReadAccept({c.accept}));
    ASSERT_THAT(form, IsOk());
    EXPECT_EQ(static_cast<int>(*form), static_cast<int>(c.form));
  }
  const std::string more = ", application/vnd.kubernetes.protobuf";
  EXPECT_THAT(ChooseBodyForm(ReadAccept({"text/html"})),
              FailsWith(ErrorCode::kNotAcceptable, kNothingFits + more));
  EXPECT_THAT(ChooseBodyForm(
                  ReadAccept({"application/json;as=Table;v=v1;g=meta.k8s.io"})),
              FailsWith(ErrorCode::kNotAcceptable, kFormRefused + more));
  EXPECT_THAT(ChooseBodyForm(ReadAccept({protobuf + ";as=Table"})),
              FailsWith(ErrorCode::kNotAcceptable, kNothingFits + more));
}

// Checklist, 7 and 8.
TEST(Accept, ChoosesTheFormOfTheGroupList) {
  const std::string v2 = kV2Clause;
  const std::string v2beta1 = kV2Beta1Clause;
  const struct {
    std::string accept;
    GroupListForm form;
  } kCases[] = {
      {v2, GroupListForm::kAggregatedV2},
      {v2beta1, GroupListForm::kAggregatedV2Beta1},
      {v2 + "," + v2beta1, GroupListForm::kAggregatedV2},
      {v2 + "," + v2beta1 + ",application/json", GroupListForm::kAggregatedV2},
      {"application/json;as=APIGroupDiscoveryList;v=v2;g=apidiscovery.k8s.io",
       GroupListForm::kAggregatedV2},
      {"application/json;g=apidiscovery.k8s.io;v=v7;as=APIGroupDiscoveryList,"
       "application/json",
       GroupListForm::kLegacy},
      {v2 + ";q=0.5,application/json", GroupListForm::kLegacy},
      {"application/json", GroupListForm::kLegacy},
      {"*/*", GroupListForm::kLegacy},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.accept);
    const Result<GroupListForm> form =
        ChooseGroupListForm(ReadAccept({c.accept}));
    ASSERT_THAT(form, IsOk());
    EXPECT_EQ(static_cast<int>(*form), static_cast<int>(c.form));
  }
  EXPECT_THAT(ChooseGroupListForm(ReadAccept({"text/html"})),
              FailsWith(ErrorCode::kNotAcceptable, kNothingFits));
  EXPECT_THAT(ChooseGroupListForm(
                  ReadAccept({"application/json;g=apidiscovery.k8s.io;v=v7;"
                              "as=APIGroupDiscoveryList"})),
              FailsWith(ErrorCode::kNotAcceptable, kFormRefused));
}

// Checklist, 49.
TEST(Accept, ChoosesTheFormOfAResourceAnswer) {
  const std::string table = "application/json;as=Table;v=v1;g=meta.k8s.io";
  const std::string old = "application/json;as=Table;v=v1beta1;g=meta.k8s.io";
  const struct {
    std::string accept;
    ResourceForm form;
  } kCases[] = {
      {"", ResourceForm::kPlain},
      {"*/*", ResourceForm::kPlain},
      {"application/vnd.kubernetes.protobuf, */*", ResourceForm::kPlain},
      {table, ResourceForm::kTable},
      {old, ResourceForm::kTableV1Beta1},
      {table + "," + old + ",application/json", ResourceForm::kTable},
      {"application/json;as=Table;v=v7;g=meta.k8s.io," + old,
       ResourceForm::kTableV1Beta1},
      {"application/json;as=Table;v=v7;g=meta.k8s.io,application/json",
       ResourceForm::kPlain},
      {table + ";q=0.1,application/json", ResourceForm::kPlain},
      {"application/vnd.kubernetes.protobuf", ResourceForm::kProtobuf},
      {"application/vnd.kubernetes.protobuf," + table, ResourceForm::kTable},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.accept);
    const Result<ResourceForm> form =
        ChooseResourceForm(ReadAccept({c.accept}));
    ASSERT_THAT(form, IsOk());
    EXPECT_EQ(static_cast<int>(*form), static_cast<int>(c.form));
  }
  const std::string more = ", application/vnd.kubernetes.protobuf";
  EXPECT_THAT(ChooseResourceForm(ReadAccept({"text/html"})),
              FailsWith(ErrorCode::kNotAcceptable, kNothingFits + more));
  EXPECT_THAT(ChooseResourceForm(
                  ReadAccept({"application/json;as=Table;v=v7;g=meta.k8s.io"})),
              FailsWith(ErrorCode::kNotAcceptable, kFormRefused + more));
}

TEST(Accept, IsPrettyForPeople) {
  const struct {
    std::optional<std::string> parameter;
    const char* accept;
    const char* agent;
    bool pretty;
  } kCases[] = {
      {std::nullopt, "*/*", "Go-http-client/2.0", false},
      {std::nullopt, "*/*", "curl/7.88.1", true},
      {std::nullopt, "*/*", "Wget/1.21", true},
      {std::nullopt, "*/*", "Mozilla/5.0 (X11)", true},
      {std::nullopt, "*/*", "Mozilla/4.0", false},
      {"false", "*/*", "curl/7.88.1", false},
      {"0", "*/*", "curl/7.88.1", false},
      {"", "*/*", "curl/7.88.1", true},
      {"true", "*/*", "kubectl", true},
      {"1", "*/*", "kubectl", true},
      {"yes", "*/*", "kubectl", false},
      {std::nullopt, "application/json;pretty=1", "kubectl", true},
      {"false", "application/json;pretty=1", "kubectl", true},
      {std::nullopt, "application/json;pretty=0", "kubectl", false},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(std::string(c.accept) + " " + c.agent + " " +
                 c.parameter.value_or("-"));
    EXPECT_EQ(WantsPretty(c.parameter, ReadAccept({c.accept}), c.agent),
              c.pretty);
  }
}

}  // namespace
}  // namespace sextant::api
