#include "sextant/query/resource_engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <functional>
#include <regex>
#include <string>
#include <utility>
#include <vector>

#include "query/world.h"
#include "support/compile_rules.h"
#include "support/fake_backend.h"
#include "support/fake_clock.h"
#include "support/launch_task.h"
#include "support/result_matchers.h"

namespace sextant::query {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAreArray;

constexpr auto kPods = rules::Measured::kPods;
constexpr auto kNodes = rules::Measured::kNodes;

constexpr char kRules[] = R"(
resourceRules:
  cpu:
    containerQuery: sum(cpu{<<.LabelMatchers>>}) by (<<.GroupBy>>)
    nodeQuery: sum(cpu{<<.LabelMatchers>>,id="/"}) by (<<.GroupBy>>)
    resources: {overrides: {namespace: {resource: namespace}, pod: {resource: pod}, node: {resource: node}}}
    containerLabel: container
  memory:
    containerQuery: sum(mem{<<.LabelMatchers>>}) by (<<.GroupBy>>)
    nodeQuery: sum(mem{<<.LabelMatchers>>,id="/"}) by (<<.GroupBy>>)
    resources: {overrides: {namespace: {resource: namespace}, pod: {resource: pod}, instance: {resource: node}}}
    containerLabel: container
  window: 1m
)";

struct ResourceWorld {
  explicit ResourceWorld(const std::string& rules = kRules,
                         ResourceEngine::Options options = {})
      : refresher({}, CompileRuleText(rules), backend, clock, metrics),
        engine(options, refresher, lister, backend, clock, metrics) {
    clock.Advance(std::chrono::hours(1));
    lister.objects = std::vector<model::ObjectMetadata>{
        {{"db", "pg-0"}, {}},
        {{"shop", "web-0"}, {{"app", "web"}}},
        {{"shop", "web-1"}, {{"app", "web"}}}};
  }
  ~ResourceWorld() {
    backend.Release();
    clock.Advance(std::chrono::hours(24));
  }

  Started<Result<ResourceAnswer>> Start(ResourceRequest request) {
    return LaunchTask(loop, engine.Ask(std::move(request),
                                       clock.Now() + std::chrono::seconds(60)));
  }
  Result<ResourceAnswer> Ask(ResourceRequest request) {
    return Start(std::move(request)).answer().value();
  }

  void Answer(const std::string& query,
              const std::vector<std::pair<model::Labels, double>>& rows) {
    backend.answers.insert_or_assign(query, Vector(rows, clock.Now()));
  }

  void AnswerAll() {
    Answer(R"(sum(cpu{namespace="db",pod="pg-0"}) by (pod,container))",
           {{{{"pod", "pg-0"}, {"container", "pg"}}, 0.5}});
    Answer(R"(sum(mem{namespace="db",pod="pg-0"}) by (pod,container))",
           {{{{"pod", "pg-0"}, {"container", "pg"}}, 1024}});
    Answer(
        R"(sum(cpu{namespace="shop",pod=~"web-0|web-1"}) by (pod,container))",
        {{{{"pod", "web-0"}, {"container", "b"}}, 0.2},
         {{{"pod", "web-0"}, {"container", "a"}}, 0.1},
         {{{"pod", "web-1"}, {"container", "a"}}, 0.3}});
    Answer(
        R"(sum(mem{namespace="shop",pod=~"web-0|web-1"}) by (pod,container))",
        {{{{"pod", "web-0"}, {"container", "a"}}, 100}});
  }

  boost::asio::io_context loop;
  FakeClock clock{loop};
  FakeBackend backend{clock};
  obs::Metrics metrics;
  CannedLister lister{clock};
  catalog::Refresher refresher;
  ResourceEngine engine;
};

// "shop/web-0 a 100m 100000m b 200m -"
std::vector<std::string> Lines(const ResourceAnswer& answer) {
  const auto text = [](const std::optional<std::int64_t>& milli) {
    return milli ? " " + std::to_string(*milli) + "m" : std::string(" -");
  };
  std::vector<std::string> lines;
  for (const ResourceUsage& item : answer.items) {
    std::string line = item.object.ref.namespace_ + "/" + item.object.ref.name;
    for (const Usage& usage : item.usages) {
      line += " " + usage.container + text(usage.cpu_milli) +
              text(usage.memory_milli);
    }
    lines.push_back(line);
  }
  return lines;
}

TEST(ResourceEngine, AsksForCpuAndMemoryOfEachNamespace) {
  ResourceWorld world;
  world.AnswerAll();
  const auto answer = world.Ask({kPods, "", "", {}, {}});
  ASSERT_THAT(answer, IsOk());
  // web-1 has no memory.
  EXPECT_THAT(Lines(*answer),
              ElementsAre("db/pg-0 pg 500m 1024000m",
                          "shop/web-0 a 100m 100000m b 200m -"));
  EXPECT_EQ(answer->objects, 3u);
  EXPECT_EQ(answer->window, std::chrono::minutes(1));
  EXPECT_EQ(answer->items[0].time, world.clock.Now());
  EXPECT_EQ(answer->items[1].object.labels, (model::Labels{{"app", "web"}}));
  EXPECT_EQ(world.backend.asked.size(), 4u);
  ASSERT_EQ(world.lister.requests.size(), 1u);
  const model::ListRequest& list = world.lister.requests[0];
  EXPECT_EQ(list.resource->plural, "pods");
  EXPECT_EQ(list.label, "pod");
  EXPECT_EQ(list.namespace_label, "namespace");
  EXPECT_EQ(list.series, R"({__name__="cpu",pod!=""})");
}

TEST(ResourceEngine, AsksForNodesByTheLabelOfEachRule) {
  ResourceWorld world;
  world.lister.objects =
      std::vector<model::ObjectMetadata>{{{"", "n1"}, {}}, {{"", "n2"}, {}}};
  world.Answer(R"(sum(cpu{node=~"n1|n2",id="/"}) by (node))",
               {{{{"node", "n1"}}, 2}, {{{"node", "n2"}}, 3}});
  world.Answer(R"(sum(mem{instance=~"n1|n2",id="/"}) by (instance))",
               {{{{"instance", "n1"}}, 1048576}});
  const auto answer = world.Ask({kNodes, "", "", {}, {}});
  ASSERT_THAT(answer, IsOk());
  EXPECT_THAT(Lines(*answer), ElementsAre("/n1  2000m 1048576000m"));
  EXPECT_EQ(world.lister.requests[0].series,
            R"({__name__="cpu",node!="",id="/"})");
}

TEST(ResourceEngine, AsksOnlyForWhatIsKept) {
  ResourceWorld world;
  world.AnswerAll();
  ResourceRequest request = {kPods, "", "", {}, {}};
  request.keep = [](const model::ObjectRef& ref) {
    return ref.namespace_ == "db";
  };
  const auto answer = world.Ask(std::move(request));
  ASSERT_THAT(answer, IsOk());
  EXPECT_THAT(Lines(*answer), ElementsAre("db/pg-0 pg 500m 1024000m"));
  EXPECT_EQ(answer->objects, 1u);
  EXPECT_EQ(world.backend.asked.size(), 2u);
}

TEST(ResourceEngine, AsksTheBackendNothingWhereThereAreNoObjects) {
  ResourceWorld world;
  world.lister.objects = std::vector<model::ObjectMetadata>();
  const auto answer = world.Ask({kPods, "shop", "", {}, {}});
  ASSERT_THAT(answer, IsOk());
  EXPECT_THAT(answer->items, IsEmpty());
  EXPECT_EQ(answer->objects, 0u);
  EXPECT_THAT(world.backend.asked, IsEmpty());
}

TEST(ResourceEngine, SplitsQueriesThatAreTooLong) {
  ResourceWorld world(kRules, {.max_query_bytes = 60});
  world.Answer(R"(sum(cpu{namespace="shop",pod="web-0"}) by (pod,container))",
               {{{{"pod", "web-0"}, {"container", "a"}}, 1}});
  world.Answer(R"(sum(mem{namespace="shop",pod="web-0"}) by (pod,container))",
               {{{{"pod", "web-0"}, {"container", "a"}}, 2}});
  world.Answer(R"(sum(cpu{namespace="shop",pod="web-1"}) by (pod,container))",
               {{{{"pod", "web-1"}, {"container", "a"}}, 3}});
  world.Answer(R"(sum(mem{namespace="shop",pod="web-1"}) by (pod,container))",
               {{{{"pod", "web-1"}, {"container", "a"}}, 4}});
  ResourceRequest request = {kPods, "", "", {}, {}};
  request.keep = [](const model::ObjectRef& ref) {
    return ref.namespace_ == "shop";
  };
  const auto answer = world.Ask(std::move(request));
  ASSERT_THAT(answer, IsOk());
  EXPECT_THAT(Lines(*answer), ElementsAre("shop/web-0 a 1000m 2000m",
                                          "shop/web-1 a 3000m 4000m"));
}

TEST(ResourceEngine, SharesQueriesInFlight) {
  ResourceWorld world;
  world.AnswerAll();
  world.backend.hanging = {""};
  auto first = world.Start({kPods, "", "", {}, {}});
  auto second = world.Start({kPods, "", "", {}, {}});
  EXPECT_EQ(world.backend.asked.size(), 4u);
  world.backend.Release();
  world.clock.Settle();
  EXPECT_THAT(*first.answer(), IsOk());
  EXPECT_THAT(*second.answer(), IsOk());
}

TEST(ResourceEngine, GivesAnErrorForTheWholeListIfOneQueryFails) {
  struct Row {
    Error backend;
    ErrorCode code;
    std::string message;
  };
  const std::string down =
      "unable to fetch metrics: the backend of sextant does not answer, or not "
      "as it should";
  const Row rows[] = {
      {{ErrorCode::kUnavailable, "connection refused", ""},
       ErrorCode::kUnavailable,
       down},
      {{ErrorCode::kDeadlineExceeded, "query timed out", ""},
       ErrorCode::kDeadlineExceeded,
       "Timeout: request did not complete within the allotted timeout"},
      {{ErrorCode::kInvalidArgument, "parse error", ""},
       ErrorCode::kInternal,
       "Internal error occurred: unable to fetch metrics"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.backend.message);
    ResourceWorld world;
    world.AnswerAll();
    world.backend.failing.insert(
        {R"(sum(mem{namespace="db",pod="pg-0"}) by (pod,container))",
         row.backend});
    EXPECT_THAT(world.Ask({kPods, "", "", {}, {}}),
                FailsWith(row.code, row.message));
  }
}

TEST(ResourceEngine, GivesAnErrorForWhatIsNoVector) {
  for (const auto type :
       {model::QueryResult::Type::kScalar, model::QueryResult::Type::kMatrix}) {
    ResourceWorld world;
    world.backend.answer_to_others.emplace();
    world.backend.answer_to_others->type = type;
    EXPECT_THAT(world.Ask({kPods, "", "", {}, {}}),
                FailsWith(ErrorCode::kInternal,
                          "Internal error occurred: unable to fetch metrics"));
  }
}

TEST(ResourceEngine, EndsAtTheDeadlineWhoeverHangs) {
  for (const bool lister : {true, false}) {
    ResourceWorld world;
    world.lister.hangs = lister;
    world.backend.hanging = {""};
    auto asked = world.Start({kPods, "", "", {}, {}});
    world.clock.Advance(std::chrono::seconds(61));
    EXPECT_THAT(*asked.answer(),
                FailsWith(ErrorCode::kDeadlineExceeded,
                          "Timeout: request did not complete within the "
                          "allotted timeout"));
  }
}

TEST(ResourceEngine, PassesOnOnlyWhatTheCallerCanMend) {
  struct Row {
    Error lister;
    ErrorCode code;
    std::string message;
  };
  const Row rows[] = {
      {{ErrorCode::kInvalidArgument, "no labels", ""},
       ErrorCode::kInvalidArgument,
       "no labels"},
      {{ErrorCode::kUnavailable, "down", ""},
       ErrorCode::kInternal,
       "Internal error occurred: unable to list matching resources"},
  };
  for (const Row& row : rows) {
    ResourceWorld world;
    world.lister.objects = row.lister;
    EXPECT_THAT(world.Ask({kPods, "", "", {}, {}}),
                FailsWith(row.code, row.message));
  }
}

TEST(ResourceEngine, NamesTheRuleThatYieldsNoQuery) {
  ResourceWorld world("resourceRules: {cpu: {}, memory: {}}\n");
  EXPECT_THAT(world.Ask({kPods, "", "", {}, {}}),
              FailsWith(ErrorCode::kInternal,
                        "Internal error occurred: "
                        "resourceRules.cpu.containerQuery: unable to convert "
                        "resource namespaces into label: no generic resource "
                        "label form specified for this metric"));
}

TEST(ResourceEngine, CountsHowARequestEndedForBothRules) {
  struct Row {
    const char* what;
    std::function<void(ResourceWorld&)> prepare;
    std::vector<std::string> counted;  // "rule outcome"
  };
  const std::string memory =
      R"(sum(mem{namespace="db",pod="pg-0"}) by (pod,container))";
  const auto fails_with = [&memory](ErrorCode code) {
    return [code, &memory](ResourceWorld& world) {
      world.AnswerAll();
      world.backend.failing.insert({memory, Error{code, "broken", ""}});
    };
  };
  const Row rows[] = {
      {"all is well",
       [](ResourceWorld& world) { world.AnswerAll(); },
       {"cpu value", "memory value"}},
      {"samples of nobody that was asked for",
       [](ResourceWorld& world) {
         world.AnswerAll();
         for (const auto& [query, answer] : world.backend.answers) {
           if (query.find("mem") == std::string::npos) continue;
           world.Answer(query, {{{{"pod", "x"}, {"container", "a"}}, 1}});
         }
       },
       {"cpu value", "memory no_value"}},
      {"no samples",
       [](ResourceWorld& world) { world.backend.answer_to_others.emplace(); },
       {"cpu no_sample", "memory no_sample"}},
      {"down", fails_with(ErrorCode::kUnavailable), {"memory backend"}},
      {"late", fails_with(ErrorCode::kDeadlineExceeded), {"memory timeout"}},
      {"no pods",
       [](ResourceWorld& world) {
         world.lister.objects = std::vector<model::ObjectMetadata>{};
       },
       {}},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.what);
    ResourceWorld world;
    row.prepare(world);
    (void)world.Ask({kPods, "", "", {}, {}});
    std::vector<std::string> counted;
    const std::regex line(
        R"re(sextant_rule_requests_total\{outcome="(\w+)",rule="resourceRules\.(\w+)"\} 1\n)re");
    const std::string text = world.metrics.Text();
    for (std::sregex_iterator i(text.begin(), text.end(), line), end; i != end;
         ++i) {
      counted.push_back((*i)[2].str() + " " + (*i)[1].str());
    }
    EXPECT_THAT(counted, UnorderedElementsAreArray(row.counted));
  }
}

TEST(ResourceEngine, FindsNothingWithoutResourceRules) {
  ResourceWorld world("rules: []\n");
  EXPECT_THAT(world.Ask({kPods, "", "", {}, {}}),
              FailsWith(ErrorCode::kNotFound,
                        "the server could not find the requested resource"));
}

}  // namespace
}  // namespace sextant::query
