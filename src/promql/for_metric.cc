#include "sextant/promql/for_metric.h"

#include "sextant/promql/quote.h"

namespace sextant::promql {

std::string ForMetric(const SeriesSelector& selector, std::string_view name) {
  std::string text = "{__name__=" + QuoteValue(name);
  for (const Matcher& matcher : selector.matchers()) {
    if (matcher.label == "__name__") continue;
    text += "," + QuoteLabelName(matcher.label) + matcher.op +
            QuoteValue(matcher.value);
  }
  return text + "}";
}

}  // namespace sextant::promql
