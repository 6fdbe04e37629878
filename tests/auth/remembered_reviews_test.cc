#include "auth/remembered_reviews.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "support/fake_clock.h"
#include "support/fake_reviewers.h"
#include "support/launch_task.h"
#include "support/result_matchers.h"
#include "support/run_task.h"

namespace sextant::auth {
namespace {

using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

using Owner = Result<std::optional<model::Identity>>;

const Error kDown{ErrorCode::kUnavailable, "the API server is down", ""};

struct World {
  World() {
    clock.Advance(seconds(1000));
    tokens.owners = {{"good", {"alice", "", {"devs"}, {}}}};
  }

  Owner AskToken(const std::string& token) {
    return *RunTask(loop, known.Review(token, clock.Now() + seconds(10)));
  }

  Result<kube::Verdict> AskAccess(const model::Identity& who,
                                  const model::Action& action) {
    return *RunTask(loop,
                    verdicts.Review(who, action, clock.Now() + seconds(10)));
  }

  boost::asio::io_context loop;
  FakeClock clock{loop};
  obs::Metrics metrics;
  FakeTokenReviewer tokens{clock};
  FakeAccessReviewer access{clock};
  RememberedTokens known{tokens, seconds(10), clock, metrics};
  RememberedVerdicts verdicts{access, seconds(10), seconds(5), clock, metrics};
};

// Checklist of the wire, 72.
TEST(RememberedTokens, AsksOnceInTenSecondsForEitherOutcome) {
  World world;
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ((**world.AskToken("good")).user, "alice");
    EXPECT_FALSE(*world.AskToken("bad"));
  }
  EXPECT_THAT(world.tokens.asked, ElementsAre("good", "bad"));
  world.clock.Advance(seconds(9));
  EXPECT_TRUE(*world.AskToken("good"));
  EXPECT_FALSE(*world.AskToken("bad"));
  EXPECT_EQ(world.tokens.asked.size(), 2U);

  // What has changed is seen then.
  world.tokens.owners = {{"bad", {"bob", "", {}, {}}}};
  world.clock.Advance(seconds(1));
  EXPECT_FALSE(*world.AskToken("good"));
  EXPECT_EQ((**world.AskToken("bad")).user, "bob");
  EXPECT_EQ(world.tokens.asked.size(), 4U);
}

TEST(RememberedTokens, RemembersNoFailure) {
  World world;
  world.tokens.failure = kDown;
  EXPECT_THAT(world.AskToken("good"),
              FailsWith(ErrorCode::kUnavailable, kDown.message));
  world.tokens.failure.reset();
  EXPECT_TRUE(*world.AskToken("good"));
  EXPECT_EQ(world.tokens.asked.size(), 2U);
}

TEST(RememberedTokens, MergesConcurrentQuestions) {
  World world;
  world.tokens.takes = seconds(1);
  std::vector<Started<Owner>> started;
  for (const char* token : {"good", "good", "bad", "good"}) {
    started.push_back(
        LaunchTask(world.loop,
                   world.known.Review(token, world.clock.Now() + seconds(10))));
  }
  EXPECT_THAT(world.tokens.asked, ElementsAre("good", "bad"));
  // The first may leave: the others wait on.
  started[0].Cancel();
  world.clock.Advance(seconds(1));
  EXPECT_FALSE(started[0].answer());
  EXPECT_EQ((**started[1].answer())->user, "alice");
  EXPECT_FALSE(**started[2].answer());
  EXPECT_EQ((**started[3].answer())->user, "alice");
}

// A crowd with tokens of its own making neither queues up without bound nor
// pushes out what is known.
TEST(RememberedTokens, BoundsWhatStrangersCost) {
  World world;
  EXPECT_TRUE(*world.AskToken("good"));
  for (std::size_t i = 0; i < kRememberedTokens + 10; ++i) {
    EXPECT_FALSE(*world.AskToken("bad" + std::to_string(i)));
  }
  world.tokens.asked.clear();
  EXPECT_TRUE(*world.AskToken("good"));
  EXPECT_THAT(world.tokens.asked, ElementsAre());

  world.tokens.takes = seconds(1);
  std::vector<Started<Owner>> started;
  for (std::size_t i = 0; i < kMaxReviewsUnderWay + 1; ++i) {
    started.push_back(LaunchTask(
        world.loop, world.known.Review("slow" + std::to_string(i),
                                       world.clock.Now() + seconds(10))));
  }
  EXPECT_FALSE(started[0].answer());
  ASSERT_TRUE(started.back().answer());
  EXPECT_THAT(*started.back().answer(),
              FailsWith(ErrorCode::kTooManyRequests,
                        "Too many requests, please try again later."));
  EXPECT_TRUE(*world.AskToken("good"));
  world.clock.Advance(seconds(1));
}

// Checklist of the wire, 83.
TEST(RememberedVerdicts, AreKeptForTheirOwnTimes) {
  World world;
  const model::Identity alice{"alice", "", {}, {}};
  model::Action get;
  get.verb = "get";
  get.path = "/version";
  EXPECT_TRUE(world.AskAccess(alice, get)->allowed);
  world.clock.Advance(seconds(9));
  EXPECT_TRUE(world.AskAccess(alice, get)->allowed);
  EXPECT_EQ(world.access.asked.size(), 1U);
  world.access.verdict = {false, false, "no longer"};
  world.clock.Advance(seconds(1));
  EXPECT_EQ(*world.AskAccess(alice, get), world.access.verdict);
  EXPECT_EQ(world.access.asked.size(), 2U);
  world.access.verdict = {true, false, ""};
  world.clock.Advance(seconds(4));
  EXPECT_EQ(world.AskAccess(alice, get)->reason, "no longer");
  EXPECT_EQ(world.access.asked.size(), 2U);
  world.clock.Advance(seconds(1));
  EXPECT_TRUE(world.AskAccess(alice, get)->allowed);
  EXPECT_EQ(world.access.asked.size(), 3U);
}

TEST(RememberedVerdicts, AllowNothingThatIsAlsoDenied) {
  World world;
  world.access.verdict = {true, true, "both"};
  EXPECT_FALSE(world.AskAccess({"alice", "", {}, {}}, {"get"})->allowed);
}

TEST(RememberedVerdicts, RememberNoFailure) {
  World world;
  world.access.failure = kDown;
  EXPECT_FALSE(world.AskAccess({"alice", "", {}, {}}, {"get"}));
  world.access.failure.reset();
  EXPECT_TRUE(world.AskAccess({"alice", "", {}, {}}, {"get"})->allowed);
}

// Questions that differ in anything are different questions; texts that only
// run together the same way are.
TEST(RememberedVerdicts, TellQuestionsApart) {
  World world;
  struct Question {
    model::Identity who;
    model::Action action;
  };
  const model::Action path{"get"};
  std::vector<Question> questions = {
      {{"alice", "", {}, {}}, path},
      {{"alice", "u", {}, {}}, path},
      {{"bob", "", {}, {}}, path},
      {{"alice", "", {"a"}, {}}, path},
      {{"alice", "", {"a", "b"}, {}}, path},
      {{"alice", "", {"ab"}, {}}, path},
      {{"alice", "", {"1:a"}, {}}, path},
      {{"alice", "", {"a", ""}, {}}, path},
      {{"alice", "", {}, {{"a", {}}}}, path},
      {{"alice", "", {}, {{"a", {"b"}}}}, path},
      {{"alice", "", {}, {{"a", {"b"}}, {"c", {}}}}, path},
      {{"alice", "", {}, {{"a", {"b", "c"}}}}, path},
  };
  for (std::string model::Action::*field :
       {&model::Action::verb, &model::Action::group, &model::Action::version,
        &model::Action::resource, &model::Action::subresource,
        &model::Action::namespace_, &model::Action::name,
        &model::Action::path}) {
    model::Action other = path;
    other.*field = "other";
    questions.push_back({{"alice", "", {}, {}}, other});
  }
  model::Action resource = path;
  resource.is_resource = true;
  questions.push_back({{"alice", "", {}, {}}, resource});
  for (int round = 0; round < 2; ++round) {
    for (const Question& question : questions) {
      EXPECT_THAT(world.AskAccess(question.who, question.action), IsOk());
    }
    EXPECT_EQ(world.access.asked.size(), questions.size());
  }
}

TEST(RememberedVerdicts, MergeConcurrentQuestions) {
  World world;
  world.access.takes = seconds(1);
  std::vector<Started<Result<kube::Verdict>>> started;
  for (const char* user : {"alice", "bob", "alice"}) {
    started.push_back(LaunchTask(
        world.loop, world.verdicts.Review({user, "", {}, {}}, {"get"},
                                          world.clock.Now() + seconds(10))));
  }
  EXPECT_EQ(world.access.asked.size(), 2U);
  world.clock.Advance(seconds(1));
  for (const auto& each : started) EXPECT_TRUE((**each.answer()).allowed);
}

TEST(Reviews, AreCountedAndTimed) {
  World world;
  world.tokens.takes = std::chrono::milliseconds(20);
  auto first = LaunchTask(world.loop, world.known.Review("good", {}));
  world.clock.Advance(std::chrono::milliseconds(20));
  ASSERT_TRUE(first.answer());
  world.tokens.takes = Duration(0);
  EXPECT_TRUE(*world.AskToken("good"));
  EXPECT_FALSE(*world.AskToken("bad"));
  world.tokens.failure = kDown;
  EXPECT_FALSE(world.AskToken("other"));
  EXPECT_TRUE(world.AskAccess({"alice", "", {}, {}}, {"get"})->allowed);
  world.access.verdict = {};
  EXPECT_FALSE(world.AskAccess({"bob", "", {}, {}}, {"get"})->allowed);
  const std::string text = world.metrics.Text();
  for (const char* line :
       {"sextant_review_cache_requests_total{kind=\"token\",outcome=\"hit\"} 1",
        "sextant_review_cache_requests_total{kind=\"token\",outcome=\"miss\"} "
        "3",
        "sextant_review_cache_requests_total{kind=\"access\",outcome=\"miss\"} "
        "2",
        "sextant_review_duration_seconds_bucket{kind=\"token\",le=\"0.01\","
        "result=\"known\"} 0",
        "sextant_review_duration_seconds_bucket{kind=\"token\",le=\"0.025\","
        "result=\"known\"} 1",
        "sextant_review_duration_seconds_count{kind=\"token\",result="
        "\"unknown\"} 1",
        "sextant_review_duration_seconds_count{kind=\"token\",result="
        "\"error\"} 1",
        "sextant_review_duration_seconds_count{kind=\"access\",result="
        "\"allowed\"} 1",
        "sextant_review_duration_seconds_count{kind=\"access\",result="
        "\"refused\"} 1"}) {
    EXPECT_THAT(text, HasSubstr(std::string(line) + "\n"));
  }
}

}  // namespace
}  // namespace sextant::auth
