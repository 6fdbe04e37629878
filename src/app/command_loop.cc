#include "command_loop.h"

#include <boost/asio/signal_set.hpp>
#include <chrono>
#include <csignal>
#include <utility>

#include "sextant/base/spawn.h"
#include "terminal.h"

namespace sextant::app {
namespace {

// Until cancelled.
Task<void> ShowProgress(std::ostream& err, Clock& clock,
                        std::function<std::string()> doing) {
  ProgressLine line(err, LookAt(err).terminal);
  const TimePoint start = clock.Now();
  while (true) {
    co_await clock.SleepUntil(clock.Now() + std::chrono::seconds(1));
    const auto seconds =
        std::chrono::duration_cast<std::chrono::seconds>(clock.Now() - start);
    line.Show(doing() + " ... " + std::to_string(seconds.count()) + " s",
              clock.Now());
  }
}

}  // namespace

bool CommandLoop::Run(const std::function<std::string()>& doing,
                      Task<void> task) {
  loop_.restart();  // after a Run() before it has no work
  bool broken_off = false;
  Running work = Spawn(loop_.get_executor(), std::move(task));
  Running progress =
      Spawn(loop_.get_executor(), ShowProgress(err_, clock_, doing));
  // The second signal has its usual effect.
  boost::asio::signal_set signals(loop_, SIGINT, SIGTERM);
  signals.async_wait([&](boost::system::error_code failure, int) {
    if (failure) return;
    broken_off = true;
    signals.clear();
    work.Cancel();
  });
  while (!work.Ended() && loop_.run_one() > 0) {
  }
  // What still waits unwinds, and takes its line off the terminal.
  progress.Cancel();
  signals.cancel();
  while (!progress.Ended() && loop_.run_one() > 0) {
  }
  return !broken_off;
}

}  // namespace sextant::app
