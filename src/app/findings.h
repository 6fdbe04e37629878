// What the rules of a file find at a backend right now, for `check`.

#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sextant/backend/backends.h"
#include "sextant/base/clock.h"
#include "sextant/base/task.h"
#include "sextant/catalog/catalog.h"
#include "sextant/catalog/refresher.h"
#include "sextant/obs/metrics.h"
#include "sextant/rules/rule_set.h"

namespace sextant::app {

// A metric here is an entry of the API: one of a resource, or external.
struct RuleFinding {
  // What of it is served by another rule, or by another series of this one.
  struct Taken {
    std::size_t metrics = 0;
    std::string example;  // "pods/http_requests"
  };

  std::string rule;  // "rules[3]"
  std::string series_query;
  std::string error;       // of the backend; the rest is empty then, but for
  std::string advice;      // what may have led to it
  std::size_t series = 0;  // names of series that the rule takes
  std::map<std::string, std::size_t> metrics;  // by resource, or "external"
  std::vector<std::string> paths;              // to ask for, one of each
  std::map<std::string, Taken> taken;          // by the rule that serves it
  std::string hint;                            // why it finds nothing
};

// Of one rule all but the hint; of the series in `catalog`.  Pure.
RuleFinding Summarize(const catalog::RuleFindings& found,
                      const catalog::Catalog& catalog);

// Asks the backend what the rules want to know, and once more about those that
// find nothing.  Loop only.
class RuleProbe {
 public:
  struct Options {
    Duration max_age;  // how far back to look
    Duration request_timeout;
  };

  // What is passed by reference must outlive this object.
  RuleProbe(Options options, std::shared_ptr<const rules::RuleSet> rules,
            backend::Backends backends, Clock& clock);

  // In the order of the file.  This object must outlive the Task.
  Task<std::vector<RuleFinding>> Run();

  // How far it is: "3 of 12 rules".
  std::string Progress() const;

 private:
  Task<std::string> Hint(const rules::Rule& rule);

  const Options options_;
  const backend::Backends backends_;
  Clock& clock_;
  obs::Metrics metrics_;
  catalog::Refresher catalog_;
};

}  // namespace sextant::app
