#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "sextant/base/spawn.h"
#include "sextant/base/task.h"

namespace sextant {

// Runs the loop until `condition` holds, for tests with real sockets; the test
// fails if it does not within ten seconds.
void RunUntil(boost::asio::io_context& loop,
              const std::function<bool()>& condition);

// Starts `task`; what it gives will be in the answer.
template <typename T>
std::shared_ptr<std::optional<T>> StartTask(boost::asio::io_context& loop,
                                            Task<T> task) {
  auto answer = std::make_shared<std::optional<T>>();
  Spawn(loop.get_executor(),
        [](Task<T> inner, std::shared_ptr<std::optional<T>> out) -> Task<void> {
          *out = co_await std::move(inner);
        }(std::move(task), answer));
  return answer;
}

// Runs `task` to its end, waiting for sockets and timers.
template <typename T>
T AwaitTask(boost::asio::io_context& loop, Task<T> task) {
  const auto answer = StartTask(loop, std::move(task));
  RunUntil(loop, [&] { return answer->has_value(); });
  return std::move(answer->value());
}

}  // namespace sextant
