// A loop for commands that ask something over the network and end.

#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <iosfwd>
#include <string>

#include "sextant/base/clock.h"
#include "sextant/base/task.h"

namespace sextant::app {

class CommandLoop {
 public:
  // `err` is for the line that says what goes on, and must outlive this.
  explicit CommandLoop(std::ostream& err) : err_(err) {}

  Clock& clock() { return clock_; }

  // Runs `task` to its end.  After a second, and every second from then on,
  // `doing` ("asking http://prom:9090") is shown with the time it has taken.
  // False if Ctrl-C, or TERM, broke it off: it has unwound then.
  bool Run(const std::function<std::string()>& doing, Task<void> task);

 private:
  std::ostream& err_;
  boost::asio::io_context loop_{1};
  SystemClock clock_;
};

}  // namespace sextant::app
