// The same decisions as SeriesNaming::Accepts() and NameFor(), in words.

#include <string>

#include "series_naming.h"
#include "sextant/base/text.h"

namespace sextant::rules {

std::string SeriesNaming::WhyNot(std::string_view series,
                                 std::string_view metric) const {
  for (std::size_t i = 0; i < filters_.size(); ++i) {
    if (Passes(filters_[i], series)) continue;
    return "seriesFilters[" + std::to_string(i) + "] " +
           (filters_[i].keeps_matches ? "wants names that match "
                                      : "wants names that do not match ") +
           GoQuote(filters_[i].regex->pattern());
  }
  if (!Accepts(series)) {
    return "name.matches " + GoQuote(matches_->pattern()) +
           " does not match it";
  }
  const std::string name = NameFor(series);
  if (name == metric) return "";
  return "it is called " + GoQuote(name) + " in the API";
}

}  // namespace sextant::rules
