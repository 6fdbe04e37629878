#include "sextant/backend/replaceable.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <functional>

#include "support/fake_backend.h"
#include "support/fake_clock.h"
#include "support/launch_task.h"
#include "support/result_matchers.h"
#include "support/run_task.h"

namespace sextant::backend {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct World {
  std::shared_ptr<FakeBackend> Server(double value) {
    auto server = std::make_shared<FakeBackend>(clock);
    server->answer_to_others = Vector({{{}, value}});
    return server;
  }
  auto Launch() {
    return LaunchTask(loop, backend.Query("up", {}, TimePoint::max()));
  }

  boost::asio::io_context loop;
  FakeClock clock{loop};
  ReplaceableBackend backend{"shop"};
};

TEST(ReplaceableBackend, AsksTheOneThatItsNameMeansNow) {
  World world;
  const auto a = world.Server(1);
  const auto b = world.Server(2);
  world.backend.Set(a);
  EXPECT_EQ((*world.Launch().answer())->samples[0].value, 1);
  world.backend.Set(b);
  EXPECT_EQ((*world.Launch().answer())->samples[0].value, 2);
  EXPECT_THAT(a->asked, ElementsAre("query up"));
  EXPECT_THAT(b->asked, ElementsAre("query up"));
}

TEST(ReplaceableBackend, AQuestionUnderWayKeepsTheOneThatItWasPutTo) {
  World world;
  auto old = world.Server(1);
  old->hanging = {""};
  const std::weak_ptr<FakeBackend> watched = old;
  world.backend.Set(std::move(old));
  {
    const auto asked = world.Launch();
    world.backend.Set(world.Server(2));
    ASSERT_FALSE(watched.expired());
    EXPECT_FALSE(asked.Ended());
    watched.lock()->Release();
    world.clock.Settle();
    EXPECT_EQ((*asked.answer())->samples[0].value, 1);
  }
  EXPECT_TRUE(watched.expired());
}

TEST(ReplaceableBackend, ANameThatIsGoneIsAnErrorWhateverIsAsked) {
  World world;
  world.backend.Set(world.Server(1));
  world.backend.Set(nullptr);
  const TimePoint never = TimePoint::max();
  const std::function<Error()> questions[] = {
      [&] {
        return RunTask(world.loop, world.backend.Query("up", {}, never))
            ->error();
      },
      [&] {
        return RunTask(world.loop, world.backend.LabelNames({}, never))
            ->error();
      },
      [&] {
        return RunTask(world.loop, world.backend.LabelValues("pod", {}, never))
            ->error();
      },
      [&] {
        return RunTask(world.loop,
                       world.backend.Series(
                           {}, never,
                           [](const model::Labels&) -> Result<Done> {
                             return Done{};
                           }))
            ->error();
      },
  };
  for (const auto& question : questions) {
    const Error error = question();
    EXPECT_EQ(error.code, ErrorCode::kUnavailable);
    EXPECT_EQ(error.message,
              "the backend \"shop\" is not in the configuration any more");
  }
  EXPECT_THAT(world.backend.recognised().why, IsEmpty());
}

}  // namespace
}  // namespace sextant::backend
