#include "rule_groups.h"

#include <algorithm>
#include <utility>

#include "sextant/base/text.h"

namespace sextant::catalog {
namespace {

// The records of a configuration, by the content of their rules.
using Known = std::multimap<std::string, std::shared_ptr<Record>>;

// The same facts, of the resources that `table` has too.
Part Translate(const Part& part, const model::ResourceTable& table) {
  Part translated;
  for (const auto& [series, facts] : part) {
    SeriesFacts same{facts.metric, {}};
    for (const model::Resource* resource : facts.resources) {
      const model::Resource* found = table.Find(resource->group_resource());
      if (found != nullptr &&
          found->group_resource() == resource->group_resource()) {
        same.resources.insert(found);
      }
    }
    if (!same.resources.empty() || facts.resources.empty()) {
      translated.emplace(series, std::move(same));
    }
  }
  return translated;
}

// A record for another ResourceTable or other backends: it holds until the rule
// was asked again, as labels may now name resources that the cluster did not
// have before, and other servers have other series.
std::shared_ptr<Record> Translated(const Record& record,
                                   const model::ResourceTable& table) {
  auto translated = std::make_shared<Record>();
  translated->known.part = Translate(record.known.part, table);
  translated->state = record.state;
  translated->state.asked = false;
  return translated;
}

Known KnownOf(const RuleGroups& before, const rules::RuleSet& rules) {
  Known known;
  if (!before.rules()) return known;
  const bool still_right = before.rules()->resources == rules.resources &&
                           before.rules()->backends == rules.backends;
  for (const auto& record : before.records()) {
    known.emplace(record->known.rule->content(),
                  still_right ? record : Translated(*record, *rules.resources));
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
    std::map<std::pair<std::string, std::string>, std::shared_ptr<Group>>
        by_query;
    for (const auto& rule : *section) {
      std::shared_ptr<Group>& group =
          by_query[{rule->backend(), rule->series_query()}];
      if (!group) {
        group = std::make_shared<Group>();
        group->id = made.next_id_++;
        group->backend = rule->backend();
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
