#include "query/usage_notes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "query/world.h"
#include "support/compile_rules.h"
#include "support/fake_backend.h"
#include "support/fake_clock.h"
#include "support/launch_task.h"

namespace sextant::query {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kRules[] = R"(
resourceRules:
  cpu:
    containerQuery: cpu{<<.LabelMatchers>>}
    nodeQuery: node_cpu{<<.LabelMatchers>>}
    resources: {overrides: {namespace: {resource: namespace}, pod: {resource: pod}, node: {resource: node}}}
    containerLabel: container
  memory:
    containerQuery: mem{<<.LabelMatchers>>}
    nodeQuery: node_mem{<<.LabelMatchers>>}
    resources: {overrides: {namespace: {resource: namespace}, pod: {resource: pod}, node: {resource: node}}}
    containerLabel: container
  window: 1m
)";

constexpr char kCpu[] = R"(cpu{namespace="shop",pod=~"web-0|web-1"})";
constexpr char kMemory[] = R"(mem{namespace="shop",pod=~"web-0|web-1"})";

// Two pods in the namespace shop.
struct UsageWorld {
  UsageWorld()
      : refresher({}, CompileRuleText(kRules), backend, clock, metrics),
        engine({}, refresher, lister, backend, clock, metrics) {
    lister.objects = std::vector<model::ObjectMetadata>{
        {{"shop", "web-0"}, {}}, {{"shop", "web-1"}, {}}};
  }

  ResourceTrace Explain() {
    ResourceTrace trace;
    ResourceRequest request;
    request.namespace_ = "shop";
    const auto started = LaunchTask(
        loop, engine.Ask(std::move(request),
                         clock.Now() + std::chrono::seconds(9), &trace));
    EXPECT_TRUE(started.Ended());
    return trace;
  }

  boost::asio::io_context loop;
  FakeClock clock{loop};
  FakeBackend backend{clock};
  obs::Metrics metrics;
  CannedLister lister{clock};
  catalog::Refresher refresher;
  ResourceEngine engine;
};

model::QueryResult Of(const std::vector<std::string>& pods) {
  std::vector<std::pair<model::Labels, double>> rows;
  for (const std::string& pod : pods) {
    rows.push_back({{{"pod", pod}, {"container", "app"}}, 1});
  }
  return Vector(rows);
}

TEST(UsageNotes, TellOfBothRulesAndOfWhatIsLeftOut) {
  UsageWorld world;
  world.backend.answers.insert({kCpu, Of({"web-0", "web-1", "other"})});
  world.backend.answers.insert({kMemory, Of({"web-0"})});
  const ResourceTrace trace = world.Explain();
  EXPECT_TRUE(trace.asked);
  EXPECT_EQ(trace.cause, Cause::kValue);
  EXPECT_THAT(trace.objects->names, ElementsAre("shop/web-0", "shop/web-1"));
  ASSERT_EQ(trace.questions.size(), 2u);
  const Trace& cpu = trace.questions[0];
  EXPECT_EQ(cpu.rules[0].path, "resourceRules.cpu");
  EXPECT_EQ(cpu.rules[0].reason,
            "it says how much CPU the containers of pods use");
  EXPECT_EQ(cpu.queries[0].text, kCpu);
  std::vector<std::string> fates;
  for (const Trace::Sample& sample : cpu.queries[0].samples) {
    fates.push_back(Describe(cpu, sample));
  }
  EXPECT_THAT(fates,
              ElementsAre("served", "served",
                          "left out: its \"pod\" is no object that was asked "
                          "for"));
  EXPECT_EQ(trace.questions[1].queries[0].text, kMemory);
  EXPECT_THAT(trace.left_out, ElementsAre("shop/web-1 has CPU and no memory"));
  EXPECT_THAT(Advise(trace),
              ElementsAre("An object is listed only with both CPU and memory: "
                          "shop/web-1 has CPU and no memory."));
}

TEST(UsageNotes, SayHowARequestEndedAndWhatToDo) {
  {
    UsageWorld world;
    world.lister.objects = std::vector<model::ObjectMetadata>();
    const ResourceTrace trace = world.Explain();
    EXPECT_EQ(trace.cause, Cause::kNoObjects);
    EXPECT_THAT(trace.questions, IsEmpty());
    EXPECT_THAT(Advise(trace), ElementsAre(HasSubstr("No object fits")));
  }
  {
    UsageWorld world;
    world.lister.objects = Error{ErrorCode::kUnavailable, "no route", ""};
    const ResourceTrace trace = world.Explain();
    EXPECT_EQ(trace.cause, Cause::kListFailed);
    EXPECT_THAT(trace.objects->error, HasSubstr("list matching resources"));
    EXPECT_THAT(Advise(trace),
                ElementsAre(HasSubstr("The objects could not be listed")));
  }
  {
    UsageWorld world;
    const ResourceTrace trace = world.Explain();
    EXPECT_EQ(trace.cause, Cause::kNoSample);
    EXPECT_THAT(
        Advise(trace),
        ElementsAre(
            HasSubstr("resourceRules.cpu.containerQuery: The query finds"),
            HasSubstr("resourceRules.memory.containerQuery: The query finds"),
            HasSubstr("shop/web-1 has neither CPU nor memory")));
  }
  {
    UsageWorld world;
    world.backend.failing.insert(
        {kMemory, {ErrorCode::kInvalidArgument, "parse error", ""}});
    const ResourceTrace trace = world.Explain();
    EXPECT_EQ(trace.cause, Cause::kBackend);
    EXPECT_THAT(
        Advise(trace),
        ElementsAre("resourceRules.memory.containerQuery: The backend "
                    "says: parse error.  Try the query there by hand."));
  }
}

}  // namespace
}  // namespace sextant::query
