#include "rule_groups.h"

#include <algorithm>
#include <utility>

#include "sextant/base/text.h"

namespace sextant::catalog {
namespace {

// The records of a configuration, by the content of their rules.
using Known = std::multimap<std::string, std::shared_ptr<Record>>;

Known KnownOf(const RuleGroups& before, const rules::RuleSet& rules) {
  Known known;
  // What is known names resources of that table.
  if (!before.rules() || before.rules()->resources != rules.resources) {
    return known;
  }
  for (const auto& record : before.records()) {
    known.emplace(record->known.rule->content(), record);
  }
  return known;
}

std::shared_ptr<Record> RecordFor(std::shared_ptr<const rules::Rule> rule,
                                  Known& known) {
  // The first of several that are alike, in the file's order.
  const auto same = known.lower_bound(rule->content());
  std::shared_ptr<Record> record;
  if (same != known.end() && same->first == rule->content()) {
    record = same->second;
    known.erase(same);
  } else {
    record = std::make_shared<Record>();
  }
  record->state.path = rule->path();
  record->state.series_query = rule->series_query();
  record->known.rule = std::move(rule);
  return record;
}

}  // namespace

RuleGroup Group::Rules() const {
  RuleGroup rules;
  for (const auto& record : records) rules.push_back(record->known.rule);
  return rules;
}

std::string Group::Paths() const {
  std::vector<std::string> paths;
  for (const auto& record : records) paths.push_back(record->state.path);
  return Join(paths, ",");
}

RuleGroups RuleGroups::Build(std::shared_ptr<const rules::RuleSet> rules,
                             const RuleGroups& before) {
  RuleGroups made;
  made.next_id_ = before.next_id_;
  Known known = KnownOf(before, *rules);
  for (const auto* section : {&rules->custom, &rules->external}) {
    std::map<std::string, std::shared_ptr<Group>> by_query;
    for (const auto& rule : *section) {
      std::shared_ptr<Group>& group = by_query[rule->series_query()];
      if (!group) {
        group = std::make_shared<Group>();
        group->id = made.next_id_++;
        made.groups_.push_back(group);
      }
      group->records.push_back(RecordFor(rule, known));
      made.records_.push_back(group->records.back());
    }
  }
  for (const auto& old : before.groups_) {
    const auto same = std::find_if(
        made.groups_.begin(), made.groups_.end(),
        [&old](const auto& group) { return group->records == old->records; });
    if (same != made.groups_.end()) {
      *same = old;
    } else {
      old->retired = true;
    }
  }
  made.rules_ = std::move(rules);
  return made;
}

}  // namespace sextant::catalog
