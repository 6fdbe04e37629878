// A label selector from a client: whatever comes, it is read or refused, and
// what was read survives being written and read again.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "sextant/model/selector.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  using sextant::model::Selector;
  const auto selector = Selector::Parse(
      std::string_view(reinterpret_cast<const char*>(data), size));
  if (!selector) {
    if (selector.error().message.empty()) std::abort();
    return 0;
  }
  const auto again = Selector::Parse(selector->ToString());
  if (!again || again->requirements() != selector->requirements()) {
    std::abort();
  }
  const bool without_labels = selector->Matches({});
  if (selector->empty() && !without_labels) std::abort();
  return 0;
}
