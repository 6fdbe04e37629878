// An engine over a backend in memory.

#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sextant/query/engine.h"
#include "sextant/query/listers.h"
#include "support/compile_rules.h"
#include "support/fake_backend.h"
#include "support/fake_clock.h"
#include "support/launch_task.h"
#include "support/run_task.h"

namespace sextant::query {

// A lister that says what it is told to.
class CannedLister final : public model::ObjectLister {
 public:
  explicit CannedLister(Clock& clock) : clock_(clock) {}

  Task<Result<std::vector<std::string>>> List(
      const model::ListRequest& request) override {
    requests.push_back(request);
    if (hangs) co_await clock_.SleepUntil(TimePoint::max());
    co_return names;
  }

  Task<Result<std::vector<model::ObjectMetadata>>> ListMetadata(
      const model::ListRequest& request) override {
    requests.push_back(request);
    if (hangs) co_await clock_.SleepUntil(TimePoint::max());
    co_return objects;
  }

  Result<std::vector<std::string>> names = std::vector<std::string>();
  Result<std::vector<model::ObjectMetadata>> objects =
      std::vector<model::ObjectMetadata>();
  bool hangs = false;
  std::vector<model::ListRequest> requests;

 private:
  Clock& clock_;
};

struct World {
  explicit World(const std::string& rules_text, Engine::Options options = {})
      : refresher({}, CompileRuleText(rules_text), backend, clock, metrics),
        engine(options, refresher, lister, backend, clock, metrics) {
    clock.Advance(std::chrono::hours(1));
  }

  // What still waits ends here, while everything it touches is alive.
  ~World() {
    backend.Release();
    clock.Advance(std::chrono::hours(24));
  }

  using CustomAnswer = Result<std::vector<ObjectValue>>;
  using ExternalAnswer = Result<std::vector<ExternalValue>>;

  Started<CustomAnswer> Start(CustomRequest request,
                              Duration patience = std::chrono::seconds(60)) {
    return LaunchTask(
        loop, engine.Custom(std::move(request), clock.Now() + patience));
  }

  // The answer of a request that waits for nothing.
  CustomAnswer Ask(CustomRequest request) {
    return Start(std::move(request)).answer().value();
  }

  Started<ExternalAnswer> Start(ExternalRequest request,
                                Duration patience = std::chrono::seconds(60)) {
    return LaunchTask(
        loop, engine.External(std::move(request), clock.Now() + patience));
  }

  ExternalAnswer Ask(ExternalRequest request) {
    return Start(std::move(request)).answer().value();
  }

  boost::asio::io_context loop;
  FakeClock clock{loop};
  FakeBackend backend{clock};
  obs::Metrics metrics;
  CannedLister lister{clock};
  catalog::Refresher refresher;
  Engine engine;
};

// "Pod shop/web-0 = 1500m"
inline std::vector<std::string> Lines(const std::vector<ObjectValue>& items) {
  std::vector<std::string> lines;
  for (const ObjectValue& item : items) {
    const std::string place =
        item.namespace_.empty() ? "" : item.namespace_ + "/";
    lines.push_back(item.resource.kind + " " + place + item.name + " = " +
                    std::to_string(item.milli) + "m");
  }
  return lines;
}

}  // namespace sextant::query
