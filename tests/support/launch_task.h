#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>
#include <optional>
#include <utility>

#include "sextant/base/spawn.h"
#include "sextant/base/task.h"

namespace sextant {

// A Task that was started and may still be on its way.
template <typename T>
class Started {
 public:
  Started(std::shared_ptr<std::optional<T>> answer, Running running)
      : answer_(std::move(answer)), running_(std::move(running)) {}

  bool Ended() const { return running_.Ended(); }
  void Cancel() { running_.Cancel(); }

  // Empty while it is on its way, and if it was cancelled.
  const std::optional<T>& answer() const { return *answer_; }

 private:
  std::shared_ptr<std::optional<T>> answer_;
  Running running_;
};

// Starts `task` and lets it run as far as it gets.
template <typename T>
Started<T> LaunchTask(boost::asio::io_context& loop, Task<T> task) {
  auto answer = std::make_shared<std::optional<T>>();
  const auto run = [](Task<T> inner,
                      std::shared_ptr<std::optional<T>> out) -> Task<void> {
    out->emplace(co_await std::move(inner));
  };
  Running running = Spawn(loop.get_executor(), run(std::move(task), answer));
  loop.restart();
  loop.poll();
  return Started<T>(answer, running);
}

// A Task<void> as one that has an answer.
inline Task<bool> Finished(Task<void> task) {
  co_await std::move(task);
  co_return true;
}

}  // namespace sextant
