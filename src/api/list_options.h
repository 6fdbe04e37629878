// The query parameters of a request, read as the API server reads them.  Pure;
// any thread.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sextant/base/clock.h"
#include "sextant/base/result.h"
#include "sextant/model/selector.h"

namespace sextant::api {

class QueryParameters {
 public:
  // `query`: what follows the '?'.  Pairs that are badly written are lost.
  explicit QueryParameters(std::string_view query);

  // The first value counts.
  std::optional<std::string> First(std::string_view name) const;
  std::vector<std::string> All(std::string_view name) const;

 private:
  std::vector<std::pair<std::string, std::string>> pairs_;
};

// How long the client is willing to wait: ?timeout= as far as it is below
// `longest`.  Zero and less ask for nothing.
Result<Duration> ReadTimeout(const QueryParameters& parameters,
                             Duration longest);

// A field selector ("metadata.name=web-0,metadata.namespace!=shop").
struct FieldSelector {
  struct Term {
    std::string field;
    bool equal = true;
    std::string value;

    friend bool operator==(const Term&, const Term&) = default;
  };
  std::vector<Term> terms;

  // The grammar of k8s.io/apimachinery/pkg/fields, for the two fields that
  // every object has.
  static Result<FieldSelector> Parse(std::string_view text);

  // The value that it demands of `field`, if it demands one.
  std::optional<std::string> Demands(std::string_view field) const;
};

// metav1.ListOptions, as far as it matters here: paging is ignored once it is
// well-formed, since every list is whole.
struct ListOptions {
  model::Selector label_selector;
  FieldSelector field_selector;
  bool watch = false;
};

Result<ListOptions> ReadListOptions(const QueryParameters& parameters);

// ?metricLabelSelector=, empty if it is not there.
Result<model::Selector> ReadMetricSelector(const QueryParameters& parameters);

}  // namespace sextant::api
