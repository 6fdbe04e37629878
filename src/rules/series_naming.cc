#include "series_naming.h"

#include <utility>

#include "regex.h"
#include "sextant/base/text.h"

namespace sextant::rules {

namespace {

bool Finds(const re2::RE2& regex, std::string_view text) {
  return regex.Match(re2::StringPiece(text.data(), text.size()), 0, text.size(),
                     re2::RE2::UNANCHORED, nullptr, 0);
}

// Null if it is wrong, which is then reported.
std::unique_ptr<const re2::RE2> CompileField(const std::string& pattern,
                                             config::Position at,
                                             const std::string& field,
                                             const FieldReporter& report) {
  Result<std::unique_ptr<const re2::RE2>> regex = CompileRegex(pattern);
  if (regex) return *std::move(regex);
  report.Error(at, field, regex.error().message,
               "write it in RE2's syntax, https://github.com/google/re2");
  return nullptr;
}

void WarnOfUnknownGroups(const config::Rule& rule, const Expansion& as,
                         const FieldReporter& report) {
  for (const std::string& name : as.unknown()) {
    const std::size_t digits = name.find_first_not_of("0123456789");
    std::string advice;
    if (digits > 0 && digits != std::string::npos) {
      advice = "if group " + name.substr(0, digits) + " is meant, write ${" +
               name.substr(0, digits) + "}" + name.substr(digits);
    }
    report.Warning(
        rule.name_as.at, "name.as", "unknown-group",
        "name.matches has no group \"" + name + "\", so it expands to nothing",
        std::move(advice));
  }
}

}  // namespace

std::optional<SeriesNaming> SeriesNaming::Compile(const config::Rule& rule,
                                                  const FieldReporter& report) {
  SeriesNaming naming;
  bool fine = true;
  for (std::size_t i = 0; i < rule.series_filters.size(); ++i) {
    const config::SeriesFilter& filter = rule.series_filters[i];
    const std::string field = "seriesFilters[" + std::to_string(i) + "]";
    if (filter.is.empty() == filter.is_not.empty()) {
      report.Error(filter.at, field,
                   filter.is.empty()
                       ? "has neither `is` nor `isNot`"
                       : "has both `is` (" + GoQuote(filter.is) +
                             ") and `isNot` (" + GoQuote(filter.is_not) + ")",
                   "give it exactly one; two conditions are two filters");
      fine = false;
      continue;
    }
    const bool is = !filter.is.empty();
    auto regex = CompileField(is ? filter.is : filter.is_not, filter.at,
                              field + (is ? ".is" : ".isNot"), report);
    if (!regex) fine = false;
    naming.filters_.push_back({std::move(regex), is});
  }

  const std::string& matches = rule.name_matches.value;
  naming.matches_ = CompileField(matches.empty() ? ".*" : matches,
                                 rule.name_matches.at, "name.matches", report);
  if (!naming.matches_) return std::nullopt;

  std::string as = rule.name_as.value;
  if (as.empty()) {
    const int groups = naming.matches_->NumberOfCapturingGroups();
    if (groups > 1) {
      report.Error(rule.name_matches.at, "name",
                   "`matches` has " + std::to_string(groups) +
                       " groups, and no `as` says which of them is the name",
                   "write as: \"$1\", or whatever the name should be");
      return std::nullopt;
    }
    as = "$" + std::to_string(groups);
  }
  naming.as_ = Expansion::Parse(as, *naming.matches_);
  WarnOfUnknownGroups(rule, naming.as_, report);
  if (!fine) return std::nullopt;
  return naming;
}

bool SeriesNaming::Passes(const Filter& filter, std::string_view series) {
  return Finds(*filter.regex, series) == filter.keeps_matches;
}

bool SeriesNaming::Accepts(std::string_view series) const {
  for (const Filter& filter : filters_) {
    if (!Passes(filter, series)) return false;
  }
  return Finds(*matches_, series);
}

std::string SeriesNaming::NameFor(std::string_view series) const {
  const int wanted = as_.highest_group() + 1;
  std::vector<re2::StringPiece> groups(static_cast<std::size_t>(wanted));
  const bool found = matches_->Match(
      re2::StringPiece(series.data(), series.size()), 0, series.size(),
      re2::RE2::UNANCHORED, groups.data(), wanted);
  return found ? as_.Expand(groups) : std::string();
}

}  // namespace sextant::rules
