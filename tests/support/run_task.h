#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <optional>
#include <utility>

#include "sextant/base/task.h"

namespace sextant {

// Runs `task` until it finishes or nothing more can happen; empty if it is
// still waiting, for a FakeClock say.
template <typename T>
std::optional<T> RunTask(boost::asio::io_context& loop, Task<T> task) {
  // A Task<void> around it: co_spawn wants results that can be made from
  // nothing, which a Result cannot.
  auto answer = std::make_shared<std::optional<T>>();
  boost::asio::co_spawn(
      loop,
      [](Task<T> inner, std::shared_ptr<std::optional<T>> out) -> Task<void> {
        *out = co_await std::move(inner);
      }(std::move(task), answer),
      boost::asio::detached);
  loop.restart();
  loop.poll();
  return *answer;
}

}  // namespace sextant
