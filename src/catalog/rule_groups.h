// The rules of a configuration with what is known of each.  Pure.

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "assembly.h"
#include "sextant/base/clock.h"
#include "sextant/catalog/refresher.h"
#include "sextant/rules/rule_set.h"
#include "survey.h"

namespace sextant::catalog {

// A rule and how it does.
struct Record {
  RulePart known;
  // What lookups found since the running round asked about this rule: its
  // answer may be older than theirs.
  Part found_meanwhile;
  RuleState state;
};

// The rules of one section that share a seriesQuery and a backend: what that
// says is for all of them.
struct Group {
  std::uint64_t id = 0;  // never used again
  std::string backend;   // its name
  std::vector<std::shared_ptr<Record>> records;
  std::map<std::string, TimePoint> fresh_until;  // by label
  // By label: why the last question about it got no answer.
  std::map<std::string, Error> unheard;
  // The configuration has changed: what is heard now counts no more.
  bool retired = false;
  bool may_recover = false;  // failed, for a reason that passes by itself

  RuleGroup Rules() const;
  std::string Paths() const;  // "rules[0],rules[3]"
};

// One configuration's.
class RuleGroups {
 public:
  RuleGroups() = default;

  // Those of `rules`.  A rule that `before` has too, with the same content,
  // keeps its record, and a group of nothing but such rules stays what it is,
  // so that answers under way reach it.  The others of `before` are retired.
  // With another ResourceTable or other backends a rule begins with what was
  // known of it, and counts as not asked yet.
  static RuleGroups Build(std::shared_ptr<const rules::RuleSet> rules,
                          const RuleGroups& before);

  const std::shared_ptr<const rules::RuleSet>& rules() const { return rules_; }
  // Custom, then external, in the file's order.
  const std::vector<std::shared_ptr<Record>>& records() const {
    return records_;
  }
  const std::vector<std::shared_ptr<Group>>& groups() const { return groups_; }

 private:
  std::shared_ptr<const rules::RuleSet> rules_;
  std::vector<std::shared_ptr<Record>> records_;
  std::vector<std::shared_ptr<Group>> groups_;
  std::uint64_t next_id_ = 0;
};

}  // namespace sextant::catalog
