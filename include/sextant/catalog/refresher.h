#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sextant/backend/backends.h"
#include "sextant/base/clock.h"
#include "sextant/base/task.h"
#include "sextant/catalog/catalog.h"
#include "sextant/obs/metrics.h"
#include "sextant/rules/rule_set.h"

namespace sextant::catalog {

// How discovery went for one rule, for /readyz?verbose and explain.
struct RuleState {
  std::string path;  // "rules[3]"
  std::string series_query;
  bool asked = false;  // has a round reached it yet?
  std::string error;   // of the last round; empty: it went well
  std::string detail;  // of that error, for the log and for operators
  std::optional<TimePoint> last_success;
  std::size_t metrics = 0;  // entries it has in the catalog
};

// What discovery has found of one rule, for `check`.
struct RuleFindings {
  struct Series {
    std::string name;
    std::string metric;  // its name in the API
    // Whose labels it carries, into the rule's ResourceTable; external: none.
    std::vector<const model::Resource*> resources;
  };
  std::shared_ptr<const rules::Rule> rule;
  std::string error;           // as RuleState's
  std::string detail;          // as RuleState's
  std::vector<Series> series;  // ascending by name
};

// Keeps the catalog up to date with the metrics that the backend has.
//
// It asks for metric names and for which of them carry which resource label,
// never for the series themselves (docs/decisions/0003).  A rule whose
// questions fail keeps its last good part while the others move on.  The rules
// of different backends do not wait for each other.  Loop only.
class Refresher {
 public:
  struct Options {
    Duration interval = std::chrono::minutes(10);  // between rounds
    Duration max_age = std::chrono::minutes(10);   // how far back to look
    Duration request_timeout = std::chrono::seconds(30);
    // What was asked so recently is not asked again when a request misses.  A
    // question that takes long, or fails after long, is left alone for longer:
    // ten times what it took, but half a minute at most.
    Duration miss_memory = std::chrono::milliseconds(500);
  };

  // Everything passed by reference must outlive this object.
  Refresher(Options options, std::shared_ptr<const rules::RuleSet> rules,
            backend::Backends backends, Clock& clock, obs::Metrics& metrics);
  ~Refresher();

  std::shared_ptr<const Catalog> Current() const;
  std::shared_ptr<const rules::RuleSet> rules() const;

  // Has the first round ended, well or badly?  Of several backends one may take
  // some seconds longer than the first: its metrics are looked up meanwhile.
  bool FirstRoundEnded() const;
  std::vector<RuleState> RuleStates() const;

  // Of each rule what the rounds have found, whoever serves it: custom rules,
  // then external ones, in the file's order.
  std::vector<RuleFindings> Findings() const;

  // How far back discovery looks.
  Duration max_age() const;

  // For explain: the series of the rule at `path` that are known to be this
  // metric (of this resource; null for external metrics), whoever serves it.
  std::vector<std::string> KnownSeries(const std::string& path,
                                       const model::GroupResource* resource,
                                       const std::string& metric) const;

  // The labels whose presence on a series makes it a metric of `resource` by
  // this rule.  Pure.
  static std::set<std::string> LabelsOf(const rules::Rule& rule,
                                        const model::Resource& resource);

  // Counts the catalogs published so far: a document made from one is good as
  // long as this stays.
  std::uint64_t generation() const;

  // A request asked for a metric that Current() lacks: asks the backend for
  // just the rules that could produce it and publishes what it finds.  Shared
  // by all who miss the same at the same time; bounded by `deadline` and by
  // Options::miss_memory.  True if the catalog may have changed.
  Task<bool> LookUpCustom(const model::Resource& resource, std::string metric,
                          TimePoint deadline);
  Task<bool> LookUpExternal(std::string metric, TimePoint deadline);

  // Of a metric that a lookup has not found: why nobody can say that it does
  // not exist, as a backend did not answer for the rules that could have it.
  // `resource` is null for external metrics.
  std::optional<Error> WhyUnknown(const model::Resource* resource,
                                  const std::string& metric) const;

  // Another configuration, from this call on, whether its Task runs or not.  A
  // rule with the same content and ResourceTable keeps what is known of it; the
  // metrics of those that are gone or changed vanish.  The Task asks for the
  // rules that nobody has asked for, and ends when all have answered.  Answers
  // under way that were for the old configuration are dropped.
  [[nodiscard]] Task<void> Replace(std::shared_ptr<const rules::RuleSet> rules);

  // One round over all rules.  Run() calls it in a loop; tests call it
  // directly.
  Task<void> RunOnce();

  // Runs rounds, the next one Options::interval after the end of the last, for
  // each backend by itself,
  // until cancelled.  Between them, rules that failed because the backend was
  // not there are asked again after a second or so.
  Task<void> Run();

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;  // shared with the Tasks
};

}  // namespace sextant::catalog
