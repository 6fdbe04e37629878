#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sextant/promql/matcher.h"

namespace sextant::promql {

// An instant vector selector: `up{job="x"}`, `{__name__=~"a.*"}`, `up`.
class SeriesSelector {
 public:
  // Nothing if the text is anything else, or not surely understood (a range, an
  // offset, a function, bad quoting).  Blanks and comments around it are fine.
  static std::optional<SeriesSelector> Parse(std::string_view text);

  // The exact metric name, if the selector has one: `up{...}`,
  // `{__name__="up"}` or `{"up"}`.
  const std::optional<std::string>& metric_name() const { return name_; }

  // Those in the braces, in their order; a name before them is not one.
  const std::vector<Matcher>& matchers() const { return matchers_; }

  // The text as it was with one more matcher at the end of the braces, which
  // are added if there are none: With("pod", "!=", "") of `up{a="b",}` is
  // `up{a="b",pod!=""}`.
  std::string With(std::string_view label, std::string_view op,
                   std::string_view value) const;

 private:
  std::optional<std::string> name_;
  std::vector<Matcher> matchers_;
  std::string before_;  // up to where a matcher can be added
  bool needs_comma_ = false;
};

}  // namespace sextant::promql
