#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "expansion.h"
#include "field_reporter.h"
#include "sextant/config/metrics_config.h"

namespace sextant::rules {

// Which series a rule takes, by their names, and what it calls them:
// seriesFilters, name.matches and name.as.
class SeriesNaming {
 public:
  // Nothing if anything is wrong, which is then reported.
  static std::optional<SeriesNaming> Compile(const config::Rule& rule,
                                             const FieldReporter& report);

  // All filters and name.matches, each found anywhere in the name.
  bool Accepts(std::string_view series) const;

  // The expansion of name.as for the first match of name.matches; empty if it
  // does not match.
  std::string NameFor(std::string_view series) const;

  // Why a series is not taken, or does not become `metric`; empty if it does.
  // For people: "seriesFilters[0] does not take it: it matches ...".
  std::string WhyNot(std::string_view series, std::string_view metric) const;

  // Could a series get this name?  False is certain.
  bool MayYield(std::string_view name) const { return as_.MayYield(name); }

  // Does name.as itself put this text into names?
  bool Writes(std::string_view text) const { return as_.HasLiteral(text); }

 private:
  struct Filter {
    std::unique_ptr<const re2::RE2> regex;
    bool keeps_matches = true;
  };

  SeriesNaming() = default;

  static bool Passes(const Filter& filter, std::string_view series);

  std::vector<Filter> filters_;
  std::unique_ptr<const re2::RE2> matches_;
  Expansion as_;
};

}  // namespace sextant::rules
