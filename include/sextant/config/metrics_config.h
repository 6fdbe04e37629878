// The file that --config names: prometheus-adapter's format, as typed structs
// (prometheus-adapter.md, section 1).  What the texts in it mean is the
// business of `rules`.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sextant/base/clock.h"
#include "sextant/config/backends.h"
#include "sextant/config/problem.h"

namespace sextant::config {

// One of `resources.overrides`: this label names that resource.
struct Override {
  std::string label;
  std::string group;     // empty: any
  std::string resource;  // singular or plural, any letter case
  Position at;
};

struct ResourceMapping {
  Located<std::string> template_;   // empty: none
  std::vector<Override> overrides;  // in the order of the file
  std::optional<bool> namespaced;   // absent: true
  Position at;
};

struct SeriesFilter {
  std::string is;
  std::string is_not;
  Position at;
};

// What a sample that is not a number counts as (our own key `nan`).
enum class NanPolicy { kZero, kNone };

struct Rule {
  std::string path;  // "rules[3]", "externalRules[0]"
  Position at;
  Located<std::string> series_query;
  std::vector<SeriesFilter> series_filters;
  ResourceMapping resources;
  Located<std::string> name_matches;  // empty: ".*"
  Located<std::string> name_as;       // empty: by the groups of name_matches
  Located<std::string> metrics_query;
  NanPolicy nan = NanPolicy::kZero;
  Located<std::string> backend;  // empty: kDefaultBackend
};

struct ResourceRule {
  std::string path;  // "resourceRules.cpu"
  Located<std::string> container_query;
  Located<std::string> node_query;
  ResourceMapping resources;
  std::string container_label;
};

struct ResourceRules {
  ResourceRule cpu;
  ResourceRule memory;
  Duration window{0};
  Located<std::string> backend;  // as Rule's
};

// Our own key `stackdriver`: metrics are served by the names that
// custom-metrics-stackdriver-adapter has for them, without a rule for each.
struct Stackdriver {
  struct Label {
    std::string name;
    std::string value;
    Position at;
  };
  // What a metric of one of Google's services is, which its name does not say.
  enum class Kind { kGauge, kCounter, kHistogram };
  struct ServiceMetric {
    std::string name;  // "pubsub.googleapis.com|subscription|oldest_..."
    Kind kind = Kind::kGauge;
    Position at;
  };
  // What the series of this cluster have and those of others have not; for
  // pods and nodes.  Both in the order of the file.
  std::vector<Label> cluster_labels;
  std::vector<ServiceMetric> service_metrics;
  Located<std::string> backend;  // as Rule's
};

struct MetricsConfig {
  std::string file;
  std::vector<Rule> rules;
  std::vector<Rule> external_rules;
  std::optional<ResourceRules> resource_rules;
  std::optional<Stackdriver> stackdriver;  // nothing: no such names
  std::vector<Backend> backends;
  std::string backends_content;  // another text for other backends
};

// Reads `text`, which came from `file` (the name is for messages only). Strict:
// unknown and duplicate keys and wrong types are errors, all of them found in
// one reading and added to `problems`.  The result is whole only if none was.
// Pure; may take milliseconds for a large file.
MetricsConfig ParseMetricsConfig(const std::string& file, std::string_view text,
                                 Problems& problems);

}  // namespace sextant::config
