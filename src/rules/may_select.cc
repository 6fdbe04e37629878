#include <re2/re2.h>

#include <string>

#include "regex.h"
#include "sextant/promql/selector.h"
#include "sextant/rules/rule.h"

namespace sextant::rules {
namespace {

bool Fits(const promql::Matcher& matcher, std::string_view name) {
  if (matcher.op == "=") return name == matcher.value;
  if (matcher.op == "!=") return name != matcher.value;
  // PromQL's regular expressions are for the whole value.
  const auto regex = CompileRegex("^(?s:" + matcher.value + ")$");
  if (!regex) return true;
  const bool found =
      re2::RE2::FullMatch(re2::StringPiece(name.data(), name.size()), **regex);
  return found == (matcher.op == "=~");
}

}  // namespace

bool MaySelect(std::string_view selector, std::string_view series_name) {
  const auto parsed = promql::SeriesSelector::Parse(selector);
  if (!parsed) return true;
  const auto& exact = parsed->metric_name();
  if (exact && *exact != series_name) return false;
  for (const promql::Matcher& matcher : parsed->matchers()) {
    if (matcher.label == "__name__" && !Fits(matcher, series_name)) {
      return false;
    }
  }
  return true;
}

}  // namespace sextant::rules
