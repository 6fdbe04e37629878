#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>

#include "sextant/base/result.h"
#include "sextant/config/flags.h"

namespace sextant::app {

// Everything that serves, built in the order of the floors and destroyed in the
// reverse.  Made once per run of `serve`.
class Program {
 public:
  // Reads the files that `flags` name and builds what they describe.  The error
  // is for the person at the terminal: every mistake of every file.
  static Result<std::unique_ptr<Program>> Build(const config::ServeFlags& flags,
                                                boost::asio::io_context& loop);
  ~Program();

  // Binds the port and starts discovery.
  Result<Done> Start();

  // Reads every file again that may have changed.
  void Reload();

  // Readiness fails, the port serves on for ServingFlags::shutdown_delay, then
  // requests in flight end and everything unwinds; the loop then has nothing
  // left to do.  `at_end` is called when that is so.
  void BeginShutdown(std::function<void()> at_end);

  class Parts;
  struct Foundation;

 private:
  explicit Program(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace sextant::app
