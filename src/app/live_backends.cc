#include "live_backends.h"

#include <chrono>
#include <utility>

#include "sextant/base/task.h"

namespace sextant::app {
namespace {

// The files that `task` follows are those of `set`, which it holds.
Task<void> FollowFilesOf(std::shared_ptr<BackendSet> set, Task<void> task) {
  (void)set;
  co_await std::move(task);
}

// No question takes longer than that; what it leaves behind when its caller
// leaves ends soon after.
Task<void> Keep(std::shared_ptr<BackendSet> set, Clock& clock) {
  co_await clock.SleepUntil(clock.Now() + config::kLongestBackendTimeout +
                            std::chrono::seconds(10));
  set.reset();
}

}  // namespace

LiveBackends::LiveBackends(Options options, Clock& clock, obs::Metrics& metrics,
                           FileReports& reports)
    : options_(std::move(options)),
      clock_(clock),
      metrics_(metrics),
      reports_(reports) {}

LiveBackends::~LiveBackends() = default;

Result<std::unique_ptr<LiveBackends>> LiveBackends::Build(
    Options options, const std::vector<config::Backend>& file, Clock& clock,
    obs::Metrics& metrics, FileReports& reports) {
  auto built = std::unique_ptr<LiveBackends>(
      new LiveBackends(std::move(options), clock, metrics, reports));
  Result<std::shared_ptr<BackendSet>> set = built->Make(file);
  if (!set) return std::move(set).error();
  built->TakeOver(*std::move(set));
  built->ShowGauges();
  return built;
}

Result<std::shared_ptr<BackendSet>> LiveBackends::Make(
    const std::vector<config::Backend>& file) {
  Result<std::unique_ptr<BackendSet>> set = BackendSet::Build(
      options_.flags, file, options_.variable, clock_, metrics_);
  if (!set) return std::move(set).error();
  return std::shared_ptr<BackendSet>(*std::move(set));
}

Result<Done> LiveBackends::Replace(const std::vector<config::Backend>& file) {
  Result<std::shared_ptr<BackendSet>> set = Make(file);
  if (!set) return std::move(set).error();
  for (Running& follower : followers_) follower.Cancel();
  followers_.clear();
  current_->Forget(reports_);
  current_->CloseIdle();
  if (executor_) {
    std::erase_if(kept_, [](const Running& kept) { return kept.Ended(); });
    kept_.push_back(Spawn(executor_, Keep(current_, clock_)));
  }
  TakeOver(*std::move(set));
  if (executor_) FollowCurrent();
  return Done{};
}

void LiveBackends::TakeOver(std::shared_ptr<BackendSet> set) {
  current_ = std::move(set);
  for (const auto& [name, one] : names_) one->Set(nullptr);
  for (const auto& [name, one] : current_->by_name()) {
    auto& known = names_[name];
    if (!known) {
      known = std::make_unique<backend::ReplaceableBackend>(name);
      (*by_name_)[name] = known.get();
    }
    // Whoever holds one holds all, as one may be made of others.
    known->Set(std::shared_ptr<backend::Backend>(current_, one));
  }
}

void LiveBackends::Follow(boost::asio::any_io_executor executor) {
  executor_ = std::move(executor);
  FollowCurrent();
}

void LiveBackends::FollowCurrent() {
  for (Task<void>& task : current_->Followers(reports_)) {
    followers_.push_back(
        Spawn(executor_, FollowFilesOf(current_, std::move(task))));
  }
}

void LiveBackends::Stop() {
  for (Running& follower : followers_) follower.Cancel();
  for (Running& kept : kept_) kept.Cancel();
  current_->CloseIdle();
}

void LiveBackends::ShowGauges() {
  const auto of_servers =
      [this](std::function<double(const backend::GuardedBackend&)> read) {
        return [this, read = std::move(read)] {
          obs::Metrics::LabelledValues values;
          for (const backend::GuardedBackend* guard : current_->guards()) {
            values.push_back({{{"backend", guard->name()}}, read(*guard)});
          }
          return values;
        };
      };
  metrics_.GaugeSet("sextant_backend_up",
                    "Did the backend answer the last question put to it?",
                    of_servers([](const backend::GuardedBackend& guard) {
                      return guard.failure().empty() ? 1.0 : 0.0;
                    }));
  metrics_.GaugeSet("sextant_backend_questions_in_flight",
                    "Questions that a backend has not answered yet.",
                    of_servers([](const backend::GuardedBackend& guard) {
                      return static_cast<double>(guard.in_flight());
                    }));
  metrics_.GaugeSet("sextant_backend_questions_waiting",
                    "Questions that wait until a backend has answered others.",
                    of_servers([](const backend::GuardedBackend& guard) {
                      return static_cast<double>(guard.waiting());
                    }));
}

}  // namespace sextant::app
