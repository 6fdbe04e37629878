// A kubeconfig file: whatever is in it, it is read or refused, with a reason,
// and what was read can be used.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "sextant/config/kubeconfig.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const char* context : {"", "here"}) {
    const auto read = sextant::config::ParseKubeconfig("f", text, context);
    if (!read) {
      if (read.error().message.empty()) std::abort();
      continue;
    }
    // What the callers rely on.
    if (read->server.empty() || read->name.empty()) std::abort();
    if (read->client_certificate.empty() != read->client_key.empty()) {
      std::abort();
    }
  }
  return 0;
}
