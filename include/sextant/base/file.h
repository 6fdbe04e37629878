#pragma once

#include <cstddef>
#include <string>

#include "sextant/base/result.h"

namespace sextant {

// The whole content of a file, at most `max_bytes` of it.  Errors name the file
// and the system's reason.  Blocks: for start-up, or on the worker pool.
Result<std::string> ReadFile(const std::string& path, std::size_t max_bytes);

}  // namespace sextant
