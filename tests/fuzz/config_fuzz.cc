// Whatever the bytes, reading them as a configuration or as one of the files of
// --standalone ends, soon and without a fault.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "sextant/config/metrics_config.h"
#include "sextant/config/problem.h"
#include "sextant/config/standalone.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  sextant::config::Problems problems;
  sextant::config::ParseMetricsConfig("f", text, problems);
  if (problems.ErrorText().empty() == problems.HasErrors()) __builtin_trap();
  (void)sextant::config::ParseStandaloneObjects("f", text);
  (void)sextant::config::ParseStandaloneResources("f", text);
  return 0;
}
