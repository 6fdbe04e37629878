#include "app/live_backends.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <string>

#include "sextant/config/metrics_config.h"
#include "support/await_task.h"
#include "support/fake_clock.h"
#include "support/result_matchers.h"
#include "support/temp_folder.h"

namespace sextant::app {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

// Of servers that nobody can reach: whom a question went to is in its error.
struct World {
  World() {
    LiveBackends::Options options;
    options.flags.url = "http://127.0.0.1:1";
    options.flags.dialect = "prometheus";
    options.variable = [](const char*) { return std::string(); };
    backends =
        *LiveBackends::Build(std::move(options), {}, clock, metrics, reports);
    backends->Follow(loop.get_executor());
  }
  ~World() {
    backends->Stop();
    loop.restart();
    loop.poll();
  }

  std::vector<config::Backend> Read(const std::string& file) {
    config::Problems problems;
    const config::MetricsConfig config =
        config::ParseMetricsConfig("f", file, problems);
    EXPECT_EQ(problems.ErrorText(), "");
    return config.backends;
  }
  Result<Done> Replace(const std::string& file) {
    return backends->Replace(Read(file));
  }
  std::string Ask(const backend::Backends& known, const std::string& name) {
    const auto answer = AwaitTask(
        loop,
        known.Of(name).Query("up", {}, clock.Now() + std::chrono::seconds(60)));
    return answer.error().message;
  }

  boost::asio::io_context loop;
  FakeClock clock{loop};
  obs::Metrics metrics;
  FileReports reports{clock, metrics};
  TempFolder folder;
  std::unique_ptr<LiveBackends> backends;
};

TEST(LiveBackends, NamesMeanWhatTheConfigurationInUseSays) {
  World world;
  // Taken once, as the parts of the program do.
  const backend::Backends known = world.backends->backends();
  EXPECT_THAT(world.Ask(known, "default"), HasSubstr("127.0.0.1:1"));

  ASSERT_THAT(world.Replace("backends: [{name: a, url: http://127.0.0.1:2}, "
                            "{name: b, url: http://127.0.0.1:3}, "
                            "{name: pair, failover: [a, b]}]"),
              IsOk());
  EXPECT_THAT(world.Ask(known, "a"), HasSubstr("127.0.0.1:2"));
  EXPECT_THAT(world.Ask(known, "pair"), HasSubstr("127.0.0.1:3"));
  EXPECT_THAT(world.backends->Notes(),
              ElementsAre("[+]backend/default ok", StartsWith("[-]backend/a "),
                          StartsWith("[-]backend/b ")));
  EXPECT_THAT(world.metrics.Text(),
              HasSubstr("sextant_backend_up{backend=\"a\"} 0\n"));

  ASSERT_THAT(world.Replace("backends: [{name: a, url: http://127.0.0.1:4}]"),
              IsOk());
  EXPECT_THAT(world.Ask(known, "a"), HasSubstr("127.0.0.1:4"));
  for (const char* gone : {"b", "pair"}) {
    EXPECT_THAT(world.Ask(known, gone), HasSubstr("is not in the configuration "
                                                  "any more"));
  }
  EXPECT_THAT(world.metrics.Text(),
              Not(HasSubstr("sextant_backend_up{backend=\"b\"}")));

  ASSERT_THAT(world.Replace("rules: []"), IsOk());
  EXPECT_THAT(world.Ask(known, "default"), HasSubstr("127.0.0.1:1"));
  EXPECT_THAT(world.backends->Notes(), IsEmpty());
}

TEST(LiveBackends, AfterAMistakeAllIsAsItWas) {
  World world;
  const backend::Backends known = world.backends->backends();
  ASSERT_THAT(world.Replace("backends: [{name: a, url: http://127.0.0.1:2}]"),
              IsOk());
  EXPECT_THAT(world.Replace("backends: [{name: a, url: http://127.0.0.1:3}, "
                            "{name: b, url: http://b, tokenFile: /no/t}]"),
              FailsWith(ErrorCode::kInvalidArgument,
                        StartsWith("backends[1] (b): failed to read "
                                   "tokenFile: ")));
  EXPECT_THAT(world.Ask(known, "a"), HasSubstr("127.0.0.1:2"));
}

TEST(LiveBackends, FilesAreFollowedOfTheBackendsInUse) {
  World world;
  const std::string token = world.folder.Put("token", "a");
  const std::string file =
      "backends: [{name: a, url: http://127.0.0.1:2, "
      "tokenFile: " +
      token + "}]";
  const std::string row =
      "sextant_file_reload_failed{kind="
      "\"backend_credentials/a\"} ";
  ASSERT_THAT(world.Replace(file), IsOk());
  EXPECT_THAT(world.metrics.Text(), HasSubstr(row + "0\n"));
  world.folder.Put("token", "");
  world.backends->Reload();
  EXPECT_THAT(world.metrics.Text(), HasSubstr(row + "1\n"));
  EXPECT_THAT(world.reports.Notes(),
              ElementsAre(StartsWith("[-]backend_credentials/a kept")));

  // A backend that is gone has nothing to complain about.
  ASSERT_THAT(world.Replace("rules: []"), IsOk());
  world.backends->Reload();
  EXPECT_THAT(world.metrics.Text(), Not(HasSubstr(row)));
  EXPECT_THAT(world.reports.Notes(), IsEmpty());
}

}  // namespace
}  // namespace sextant::app
