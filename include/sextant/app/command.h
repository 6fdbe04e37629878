// The program's commands: what main() calls.

#pragma once

#include <iosfwd>
#include <span>
#include <string>

namespace sextant::app {

// 0: done as asked.  1: something in the world was wrong (a file, a port).
// 2: the command line was.  130: Ctrl-C broke it off, as shells have it.
enum class ExitCode { kOk = 0, kFailure = 1, kUsage = 2, kInterrupted = 130 };

// Where a command writes for people; the log goes to standard error by itself.
struct Streams {
  std::ostream& out;
  std::ostream& err;
};

// Runs the command that `arguments` (without the program's name) ask for, and
// blocks until it has ended.  Arguments that begin with a flag mean `serve`.
ExitCode RunProgram(std::span<const std::string> arguments, Streams streams);

}  // namespace sextant::app
