// Whatever the bytes, reading them as a selector and as a query ends, a
// selector with one more matcher is a selector still, and any name can be
// written.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sextant/promql/name_in_braces.h"
#include "sextant/promql/quote.h"
#include "sextant/promql/selector.h"
#include "sextant/promql/split.h"

namespace {

using sextant::promql::SeriesSelector;
using sextant::promql::WithNameInBraces;

// Of a name that cannot be written bare, and does not begin as other things do.
void CheckName(std::string_view name) {
  constexpr std::string_view kOthers = "\"'`#[{";
  if (name.empty() || sextant::promql::IsLegalMetricName(name) ||
      kOthers.find(name.front()) != std::string_view::npos) {
    return;
  }
  const std::optional<SeriesSelector> selector =
      SeriesSelector::Parse(WithNameInBraces(std::string(name) + "{}", name));
  if (!selector || selector->metric_name() != name) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)sextant::promql::CanSplitBy(text, "pod");
  (void)WithNameInBraces(text, "a.b");
  CheckName(text);

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
