// What can be said of a query from its text alone: for advice, and to find
// objects where there is no cluster.  No query needs it.

#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sextant/promql/label_set.h"
#include "sextant/promql/matcher.h"

namespace sextant::promql {

struct QueryFacts {
  // A selector in the query.
  struct Selector {
    std::optional<std::string> name;
    std::vector<Matcher> matchers;
    std::string function;  // or aggregation, lower case, that takes it as it is
    std::string range;     // "5m" of [5m]; empty: none
    bool offset = false;
  };

  // What PromQL refuses, or what is no use.
  struct Oddity {
    enum class Kind {
      kNeedsRange,         // rate(x); text: the function
      kUnusedRange,        // sum(x[5m]); text: the range
      kQuantileWithoutLe,  // the buckets' label is gone; text: the function
      kDash,               // a-b, read as a minus b; text: all of it
      kOrWithoutLabels,    // x or vector(0)
    };
    Kind kind;
    std::string text;
  };

  std::vector<Selector> selectors;
  std::vector<Oddity> oddities;

  // No sample of the result can carry a label that is not in it; of what is not
  // known (functions of MetricsQL) all labels are assumed.
  LabelSet labels = LabelSet::All();
  bool scalar = false;   // the result is one number
  bool uses_le = false;  // something looks at the buckets' label
};

// Nothing if the text is not surely understood.  Pure.
std::optional<QueryFacts> Examine(std::string_view query);

}  // namespace sextant::promql
