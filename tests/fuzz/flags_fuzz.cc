// Whatever the arguments, one a line, reading them ends without a fault, and an
// error says something.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "sextant/base/text.h"
#include "sextant/config/flags.h"

namespace config = sextant::config;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::vector<std::string> arguments = sextant::Split(text, '\n');
  const sextant::Result<config::ServeCommand> serve =
      config::ParseServeFlags(arguments);
  if (!serve) {
    if (serve.error().message.empty()) std::abort();
  } else if (!serve->help) {
    // What the program relies on.
    const config::ServeFlags& flags = serve->flags;
    if (!flags.standalone || flags.config.empty() ||
        flags.metrics_max_age < flags.metrics_relist_interval) {
      std::abort();
    }
  }
  const sextant::Result<config::BackendArguments> backend =
      config::ParseBackendFlags(arguments);
  if (!backend) {
    if (backend.error().message.empty()) std::abort();
  } else if (backend->rest.size() > arguments.size()) {
    std::abort();
  }
  return 0;
}
