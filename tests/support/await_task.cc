#include "support/await_task.h"

#include <gtest/gtest.h>

#include <chrono>

namespace sextant {

void RunUntil(boost::asio::io_context& loop,
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

}  // namespace sextant
