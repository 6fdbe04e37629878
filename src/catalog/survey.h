// Asking the backend which series a rule has.

#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "catalogue_reader.h"
#include "rule_group.h"
#include "sextant/backend/backend.h"
#include "sextant/base/clock.h"
#include "sextant/base/result.h"
#include "sextant/base/task.h"
#include "sextant/rules/rule.h"

namespace sextant::catalog {

// Which series of a seriesQuery carry which label: label -> names of series.
// Under kAnyLabel stand all of them.
using Survey = std::map<std::string, std::set<std::string>>;

inline constexpr char kAnyLabel[] = "";

// Puts the questions.  It asks for the values of __name__ among the series that
// carry a label; where a selector is not understood or the backend knows no
// match[] on label endpoints, it reads the series as a stream and keeps only
// names and the labels that name resources (docs/decisions/0003).  Backends
// that take no pattern of names are asked about name by name.
class Surveyor {
 public:
  struct Options {
    Duration max_age;          // how far back to look
    Duration request_timeout;  // of every single question
  };

  // Both must outlive this object.
  Surveyor(Options options, backend::Backend& backend, Clock& clock);

  // All that the group's rules need to know: every label that names a resource
  // for one of them, or kAnyLabel for external rules.
  Task<Result<Survey>> TakeWhole(RuleGroup group);

  // The backend may be another from now on.
  void Forget() { catalogue_.Forget(); }

  // One label only.
  Task<Result<Survey>> TakeLabel(RuleGroup group, std::string label);

 private:
  bool UsesCatalogue() const;
  // `label`: that one only; nothing: all that count.
  Task<Result<Survey>> ReadCatalogue(RuleGroup group,
                                     std::optional<std::string> label);
  Task<Result<Survey>> AskForAll(RuleGroup group);
  Task<Result<Survey>> AskByLabel(RuleGroup group,
                                  std::set<std::string> labels);
  Task<Result<Survey>> ReadSeries(RuleGroup group);
  backend::SeriesMatch Match(std::string selector) const;
  TimePoint QuestionDeadline() const;

  const Options options_;
  backend::Backend& backend_;
  Clock& clock_;
  CatalogueReader catalogue_;
};

}  // namespace sextant::catalog
