#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sextant/base/clock.h"
#include "sextant/base/result.h"
#include "sextant/config/metrics_config.h"
#include "sextant/config/problem.h"
#include "sextant/model/resource.h"

namespace sextant::rules {

// What metrics.k8s.io has metrics of.  Their resources are the same in every
// cluster.
enum class Measured { kPods, kNodes };
const model::Resource& ResourceOf(Measured what);

// resourceRules.cpu or resourceRules.memory, compiled: how to ask what
// containers and nodes use.
//
// Immutable and pure; any thread.  Behaviour is prometheus-adapter's (section 6
// of its specification).
class ResourceRule {
 public:
  // Adds what is wrong or doubtful to `problems`; null if anything is wrong.
  static std::shared_ptr<const ResourceRule> Compile(
      const config::ResourceRule& rule, const std::string& file,
      std::shared_ptr<const model::ResourceTable> resources,
      config::Problems& problems);

  ~ResourceRule();

  const std::string& path() const;             // "resourceRules.cpu"
  const std::string& container_label() const;  // may be empty

  // The label that names pods or nodes, or namespaces.  kInvalidArgument if the
  // rule has none.
  Result<std::string> LabelFor(Measured what) const;
  Result<std::string> NamespaceLabel() const;

  // The PromQL for these pods of one namespace, or for these nodes; then
  // `namespace_` is empty.  Errors (no label, a template that fails or yields
  // nothing) are kInvalidArgument and say why.
  Result<std::string> BuildQuery(Measured what, const std::string& namespace_,
                                 const std::vector<std::string>& names) const;

  // The series that say which pods or nodes there are, as far as the query can
  // be read as PromQL: its selector that takes the matchers, narrowed to a
  // namespace if that is not empty.
  std::optional<std::string> SeriesOf(Measured what,
                                      const std::string& namespace_) const;

 private:
  class Impl;
  explicit ResourceRule(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// resourceRules as a whole.
struct ResourceRules {
  std::shared_ptr<const ResourceRule> cpu;
  std::shared_ptr<const ResourceRule> memory;
  Duration window{0};
  std::string backend = config::kDefaultBackend;  // its name: whom to ask
};

}  // namespace sextant::rules
