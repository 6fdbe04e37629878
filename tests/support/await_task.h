#pragma once

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "sextant/base/task.h"

namespace sextant {

// Runs the loop until `condition` holds, for tests with real sockets; the test
// fails if it does not within ten seconds.
inline void RunUntil(boost::asio::io_context& loop,
                     const std::function<bool()>& condition) {
  const auto give_up =
      std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > give_up) {
      FAIL() << "what the test waits for has not happened";
    }
    loop.restart();
    // Woken by whatever happens on the loop; the condition may also depend on
    // another thread.
    loop.run_one_for(std::chrono::milliseconds(1));
  }
}

// Starts `task`; what it gives will be in the answer.
template <typename T>
std::shared_ptr<std::optional<T>> StartTask(boost::asio::io_context& loop,
                                            Task<T> task) {
  auto answer = std::make_shared<std::optional<T>>();
  boost::asio::co_spawn(
      loop,
      [](Task<T> inner, std::shared_ptr<std::optional<T>> out) -> Task<void> {
        *out = co_await std::move(inner);
      }(std::move(task), answer),
      boost::asio::detached);
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
