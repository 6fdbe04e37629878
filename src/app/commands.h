#pragma once

#include <span>
#include <string>

#include "sextant/app/command.h"

namespace sextant::app {

// One command each; the arguments are those after its name.
ExitCode RunServe(std::span<const std::string> arguments, Streams streams);
ExitCode RunCheck(std::span<const std::string> arguments, Streams streams);
ExitCode RunExplain(std::span<const std::string> arguments, Streams streams);
ExitCode RunVersion(std::span<const std::string> arguments, Streams streams);

}  // namespace sextant::app
