#include "query/usage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

namespace sextant::query {
namespace {

using ::testing::HasSubstr;

const double kInfinity = std::numeric_limits<double>::infinity();

TEST(JudgeUsage, TakesNothingLessThanNothing) {
  struct Row {
    double value;
    SampleState state;
    std::optional<std::int64_t> milli;
  };
  const Row rows[] = {
      {1.5, SampleState::kValue, 1500},
      {0, SampleState::kValue, 0},
      {-0.0, SampleState::kValue, 0},
      {-2, SampleState::kNegativeIsZero, 0},
      {std::nan(""), SampleState::kNanIsZero, 0},
      {kInfinity, SampleState::kInfinite, std::nullopt},
      {-kInfinity, SampleState::kInfinite, std::nullopt},
      {1e30, SampleState::kOverflow, std::nullopt},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.value);
    model::Sample sample;
    sample.value = row.value;
    const Verdict verdict = JudgeUsage(sample);
    EXPECT_EQ(verdict.state, row.state);
    EXPECT_EQ(verdict.milli, row.milli);
  }
}

struct Given {
  model::Labels labels;
  double value = 0;
  int second = 0;
};

std::vector<model::Sample> Samples(const std::vector<Given>& given) {
  std::vector<model::Sample> samples;
  for (const Given& one : given) {
    model::Sample sample;
    sample.labels = one.labels;
    sample.value = one.value;
    sample.time = TimePoint(std::chrono::seconds(one.second));
    samples.push_back(std::move(sample));
  }
  return samples;
}

// "a: x=1000m @5": each object, each container.
std::string Text(const Measure& measure) {
  std::string text;
  for (const auto& [object, containers] : measure) {
    text += std::string(object) + ":";
    for (const auto& [container, value] : containers) {
      text += " " + std::string(container) + "=" + std::to_string(value.milli);
    }
    text += "\n";
  }
  return text;
}

constexpr auto kPods = rules::Measured::kPods;
constexpr auto kNodes = rules::Measured::kNodes;

TEST(AddSamples, TakesTheLastOfAContainerAndTheFirstOfANode) {
  const std::vector<model::Sample> samples = Samples({
      {{{"pod", "a"}, {"container", "x"}}, 1},
      {{{"pod", "a"}, {"container", "y"}}, 2},
      {{{"pod", "a"}, {"container", "x"}}, 3},
      {{{"pod", "a"}}, 4},
      {{{"pod", "b"}, {"container", "x"}}, 5},
  });
  obs::Metrics metrics;
  SampleCounters counters(metrics, "resourceRules.cpu");
  const MeasureLabels labels = {{"pod", "namespace", "shop"}, "container"};
  bool several = false;
  Measure pods;
  AddSamples(samples, kPods, labels, {"a", "b"}, counters, several, pods);
  EXPECT_EQ(Text(pods), "a: =4000 x=3000 y=2000\nb: x=5000\n");
  EXPECT_TRUE(several);
  Measure nodes;
  AddSamples(samples, kNodes, labels, {"a", "b"}, counters, several, nodes);
  EXPECT_EQ(Text(nodes), "a: =1000\nb: =5000\n");
}

TEST(AddSamples, TellsWhatBecameOfEachSample) {
  const std::vector<model::Sample> samples = Samples({
      {{{"pod", "a"}, {"container", "x"}}, 1},
      {{{"pod", "gone"}, {"container", "x"}}, 2},
      {{{"pod", "a"}, {"container", "x"}}, -3},
  });
  const struct {
    rules::Measured what;
    std::vector<SampleState> fates;
  } kCases[] = {
      {kPods,
       {SampleState::kOverwritten, SampleState::kNotAskedFor,
        SampleState::kNegativeIsZero}},
      {kNodes,
       {SampleState::kValue, SampleState::kNotAskedFor,
        SampleState::kOverwritten}},
  };
  for (const auto& c : kCases) {
    obs::Metrics metrics;
    SampleCounters counters(metrics, "resourceRules.cpu");
    bool several = false;
    Measure measure;
    std::vector<SampleState> fates;
    AddSamples(samples, c.what, {{"pod", "", ""}, "container"}, {"a"}, counters,
               several, measure, &fates);
    EXPECT_EQ(fates, c.fates);
  }
}

TEST(AddSamples, LeavesOutWhatIsNobodysOrNoValue) {
  const std::vector<model::Sample> samples = Samples({
      {{{"pod", "a"}, {"namespace", "other"}, {"container", "x"}}, 1},
      {{{"container", "x"}}, 2},
      {{{"pod", "gone"}, {"container", "x"}}, 3},
      {{{"pod", "a"}, {"container", "x"}}, kInfinity},
      {{{"pod", "a"}, {"namespace", "shop"}, {"container", "y"}}, 4},
  });
  obs::Metrics metrics;
  SampleCounters counters(metrics, "resourceRules.cpu");
  bool several = false;
  Measure pods;
  AddSamples(samples, kPods, {{"pod", "namespace", "shop"}, "container"}, {"a"},
             counters, several, pods);
  EXPECT_EQ(Text(pods), "a: y=4000\n");
  EXPECT_FALSE(several);
  for (const char* state :
       {"other_namespace", "no_label", "not_asked_for", "infinite", "value"}) {
    EXPECT_THAT(metrics.Text(),
                HasSubstr("sextant_rule_samples_total{"
                          "rule=\"resourceRules.cpu\",state=\"" +
                          std::string(state) + "\"} 1"));
  }
}

TEST(Combine, WantsSomethingOfBothMeasures) {
  const model::ObjectMetadata pod = {{"shop", "a"}, {{"app", "web"}}};
  const Value early = {TimePoint(std::chrono::seconds(3)), 7};
  const Value late = {TimePoint(std::chrono::seconds(5)), 9};
  const Measure both = {{"a", {{"x", late}, {"y", late}}}};
  const Measure one = {{"a", {{"y", early}, {"z", late}}}};
  const Measure other = {{"b", {{"x", early}}}};
  const Measure emptied = {{"a", {}}};

  const auto usage = Combine(pod, both, one);
  ASSERT_TRUE(usage);
  EXPECT_EQ(usage->object, pod);
  EXPECT_EQ(usage->time, early.time);
  // A container without a sample of one of them has no 0 for it.
  const std::vector<Usage> usages = {
      {"x", 9, std::nullopt}, {"y", 9, 7}, {"z", std::nullopt, 9}};
  EXPECT_EQ(usage->usages, usages);

  EXPECT_FALSE(Combine(pod, both, other));
  EXPECT_FALSE(Combine(pod, other, both));
  EXPECT_FALSE(Combine(pod, emptied, both));
  EXPECT_FALSE(Combine(pod, {}, {}));
}

}  // namespace
}  // namespace sextant::query
