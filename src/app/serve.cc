#include <malloc.h>
#include <sys/resource.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <cerrno>
#include <csignal>
#include <memory>
#include <ostream>
#include <string>
#include <system_error>

#include "commands.h"
#include "sextant/config/flags.h"
#include "sextant/obs/log.h"
#include "wiring.h"

namespace sextant::app {
namespace {

// klog's level from which prometheus-adapter logs what it asks the backend.
constexpr int kVerbosityOfRequests = 4;

// The first TERM or INT asks the program to end in order, the second ends it at
// once.  HUP makes it read its files again.
class Signals {
 public:
  Signals(boost::asio::io_context& loop, Program& program)
      : signals_(loop, SIGINT, SIGTERM),
        reload_(loop, SIGHUP),
        program_(program) {
    AwaitReload();
    signals_.async_wait([this](boost::system::error_code failure, int signal) {
      if (!failure) OnFirst(signal);
    });
  }

 private:
  void OnFirst(int signal) {
    obs::Info("stopping", {{"signal", signal == SIGINT ? "INT" : "TERM"}});
    // Not the system's own way for the second: it is no way for process 1.
    signals_.async_wait([](boost::system::error_code failure, int) {
      if (!failure) std::_Exit(static_cast<int>(ExitCode::kFailure));
    });
    program_.BeginShutdown([this] {
      signals_.cancel();
      reload_.cancel();
    });
  }

  void AwaitReload() {
    reload_.async_wait([this](boost::system::error_code failure, int) {
      if (failure) return;
      obs::Info("reloading", {{"signal", "HUP"}});
      program_.Reload();
      AwaitReload();
    });
  }

  boost::asio::signal_set signals_;
  boost::asio::signal_set reload_;
  Program& program_;
};

// Every connection is a file; the soft limit is often 1024.
void RaiseFileLimit() {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  files.rlim_cur = files.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &files) != 0) {
    obs::Warn("the limit of open files stays as it is",
              {{"error", std::generic_category().message(errno)}});
  }
}

// What discovery and its documents take and leave goes back to the system: left
// to itself, glibc soon keeps blocks of up to 32 MiB for later.
void KeepLittleMemory() {
#ifdef __GLIBC__
  constexpr int kReturned = 128 * 1024;
  mallopt(M_MMAP_THRESHOLD, kReturned);
  mallopt(M_TRIM_THRESHOLD, kReturned);
#endif
}

}  // namespace

ExitCode RunServe(std::span<const std::string> arguments, Streams streams) {
  const Result<config::ServeCommand> command =
      config::ParseServeFlags(arguments);
  if (!command) {
    streams.err << "sextant serve: " << command.error().message
                << "\nTry \"sextant serve --help\".\n";
    return ExitCode::kUsage;
  }
  if (command->help) {
    streams.out << config::ServeHelpText();
    return ExitCode::kOk;
  }
  if (command->flags.verbosity >= kVerbosityOfRequests) {
    obs::SetLevel(obs::Level::kDebug);
  }

  for (const std::string& warning : command->flags.warnings) {
    obs::Warn("a flag does nothing", {{"problem", warning}});
  }
  RaiseFileLimit();
  KeepLittleMemory();

  boost::asio::io_context loop(1);
  Result<std::unique_ptr<Program>> program =
      Program::Build(command->flags, loop);
  if (!program) {
    streams.err << "sextant serve: cannot start:\n"
                << program.error().message << "\n";
    return ExitCode::kFailure;
  }
  if (const Result<Done> started = (*program)->Start(); !started) {
    streams.err << "sextant serve: cannot start: " << started.error().message
                << "\n";
    return ExitCode::kFailure;
  }
  const Signals signals(loop, **program);
  loop.run();
  return ExitCode::kOk;
}

}  // namespace sextant::app
