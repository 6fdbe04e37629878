#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>
#include <optional>
#include <utility>

#include "sextant/base/spawn.h"
#include "sextant/base/task.h"

namespace sextant {

// Runs `task` until it finishes or nothing more can happen; empty if it is
// still waiting, for a FakeClock say.
template <typename T>
std::optional<T> RunTask(boost::asio::io_context& loop, Task<T> task) {
  auto answer = std::make_shared<std::optional<T>>();
  Spawn(loop.get_executor(),
        [](Task<T> inner, std::shared_ptr<std::optional<T>> out) -> Task<void> {
          *out = co_await std::move(inner);
        }(std::move(task), answer));
  loop.restart();
  loop.poll();
  return *answer;
}

}  // namespace sextant
