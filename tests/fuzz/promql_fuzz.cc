// Whatever the bytes, reading them as a selector and as a query ends, and a
// selector with one more matcher is a selector still.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "sextant/promql/selector.h"
#include "sextant/promql/split.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  using sextant::promql::SeriesSelector;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)sextant::promql::CanSplitBy(text, "pod");

  const std::optional<SeriesSelector> selector = SeriesSelector::Parse(text);
  if (!selector) return 0;
  const std::optional<SeriesSelector> longer =
      SeriesSelector::Parse(selector->With("k8s.pod", "!~", text));
  if (!longer || longer->metric_name() != selector->metric_name()) {
    __builtin_trap();
  }
  // A selector by itself mixes nothing, but one of a metric that is called like
  // a word of the language ("unless") is not looked at.
  if (selector->metric_name().value_or("").size() > 6 &&
      !sextant::promql::CanSplitBy(selector->With("pod", "=", "a"), "pod")) {
    __builtin_trap();
  }
  return 0;
}
