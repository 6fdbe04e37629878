#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sextant/base/result.h"
#include "sextant/config/metrics_config.h"
#include "sextant/model/resource.h"
#include "sextant/model/selector.h"

namespace sextant::rules {

// What one request puts into a rule's query.
struct QueryInput {
  std::string series;                         // the series' name
  const model::Resource* resource = nullptr;  // null: external metrics
  std::string namespace_;                     // empty: none
  std::vector<std::string> names;             // of objects, in caller's order
  std::vector<std::string> extra_group_by;    // after the object's label
  model::Selector selector;                   // of series
  // More that must hold of series, after the selector.
  std::vector<model::Requirement> requirements;
};

// Could a selector (a seriesQuery) select a series of this name, whatever its
// labels?  False is certain.  Pure.
bool MaySelect(std::string_view selector, std::string_view series_name);

// A rule of the configuration, compiled: which series it takes, what it calls
// them, which resources they belong to, and the query for a value.
//
// Immutable and pure; any thread.  Behaviour is prometheus-adapter's (its
// specification, sections 1 and 2) except where section 11 says to mend it.
class Rule {
 public:
  // Adds what is wrong or doubtful to `problems`; null if anything is wrong.
  static std::shared_ptr<const Rule> Compile(
      const config::Rule& rule, bool external, const std::string& file,
      std::shared_ptr<const model::ResourceTable> resources,
      config::Problems& problems);

  ~Rule();

  const std::string& path() const;          // "rules[3]"
  const std::string& series_query() const;  // byte for byte as configured
  bool external() const;
  // Everything that the file says of it, in one text: rules of one
  // ResourceTable with the same content mean the same, wherever they stand.
  const std::string& content() const;
  bool namespaced() const;  // of external rules; true unless configured
  config::NanPolicy nan() const;
  const std::string& backend() const;  // its name: whom to ask

  // Does the rule take a series of this name?  All filters, and name.matches.
  bool Accepts(std::string_view series_name) const;

  // The metric's name in the API: the expansion of name.as for the first match
  // of name.matches.  Call it for series that Accepts() takes.
  std::string MetricName(std::string_view series_name) const;

  // Could any series get this metric name?  False is certain; true is a guess
  // from name.as.
  bool MayProduce(std::string_view metric_name) const;

  // Does name.as put this text into names, whatever the series is called?
  bool WritesIntoNames(std::string_view text) const;

  // For explain: why a series of this name does not become `metric` by this
  // rule, in words; empty if it does.
  std::string WhyNot(std::string_view series_name,
                     std::string_view metric_name) const;

  // The resource that a label of a series names; null if none.  The pointer is
  // into the ResourceTable that the rule holds.
  const model::Resource* ResourceForLabel(std::string_view label) const;

  // The label that names objects of `resource` in queries: the first override
  // of the file, else the template.  kInvalidArgument if the rule has neither.
  Result<std::string> LabelForResource(const model::Resource& resource) const;

  // The labels that overrides name, in the order of the file.
  const std::vector<std::string>& override_labels() const;
  // Can other labels name resources too?
  bool has_label_template() const;

  // The rule's series that carry `label`: series_query with `,label!=""`.
  // Nothing if series_query is not surely understood; ask /series then.
  std::optional<std::string> SeriesWithLabel(std::string_view label) const;

  // The same narrowed to one series name and, if not empty, one namespace:
  // where the names of objects are read from when no cluster is at hand.
  std::optional<std::string> SeriesOf(const std::string& series_name,
                                      const std::string& namespace_) const;

  // The PromQL for a request.  Errors (a selector operator that PromQL does not
  // have, no label for the resource or the namespace, a template that fails or
  // yields nothing) are kInvalidArgument and say why.  A series name that
  // PromQL cannot write bare is in braces, wherever the template has it.
  Result<std::string> BuildQuery(const QueryInput& input) const;

 private:
  class Impl;
  explicit Rule(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace sextant::rules
