#include "assembly.h"

#include <algorithm>
#include <utility>

namespace sextant::catalog {
namespace {

class OverlapNotes {
 public:
  template <typename Metric>
  void Compare(const Metric* before, const rules::Rule& rule,
               const std::string& what) {
    if (before == nullptr) return;
    noted_.emplace(std::pair(before->rule->path(), rule.path()), what);
  }

  std::vector<Overlap> List() const {
    std::vector<Overlap> list;
    for (const auto& [pair, example] : noted_) {
      list.push_back({pair.first, pair.second, example});
    }
    return list;
  }

 private:
  std::map<std::pair<std::string, std::string>, std::string> noted_;
};

bool SameEntry(const CustomMetric& a, const CustomMetric& b) {
  return a.resource == b.resource && a.series == b.series && a.rule == b.rule;
}

bool SameEntry(const ExternalMetric& a, const ExternalMetric& b) {
  return a.series == b.series && a.rule == b.rule;
}

template <typename Map>
bool SameEntries(const Map& a, const Map& b) {
  return std::equal(
      a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
        return x.first == y.first && SameEntry(x.second, y.second);
      });
}

}  // namespace

Part MakePart(const rules::Rule& rule, const Survey& survey) {
  Part part;
  std::set<std::string> refused;
  for (const auto& [label, names] : survey) {
    const model::Resource* resource = nullptr;
    if (!rule.external()) {
      if (label == kAnyLabel) continue;
      resource = rule.ResourceForLabel(label);
      if (resource == nullptr) continue;
    } else if (label != kAnyLabel) {
      continue;
    }
    for (const std::string& name : names) {
      auto facts = part.find(name);
      if (facts == part.end()) {
        if (refused.count(name) > 0) continue;
        if (!rule.Accepts(name)) {
          refused.insert(name);
          continue;
        }
        facts =
            part.emplace(name, SeriesFacts{rule.MetricName(name), {}}).first;
      }
      if (resource != nullptr) facts->second.resources.insert(resource);
    }
  }
  return part;
}

bool Merge(Part& part, const Part& more) {
  bool news = false;
  for (const auto& [series, facts] : more) {
    const auto [known, added] = part.emplace(series, facts);
    news |= added;
    for (const model::Resource* resource : facts.resources) {
      news |= known->second.resources.insert(resource).second;
    }
  }
  return news;
}

Assembly Assemble(const std::vector<const RulePart*>& parts) {
  Assembly assembly;
  OverlapNotes overlaps;
  Catalog& catalog = assembly.catalog;
  for (const RulePart* part : parts) {
    const rules::Rule& rule = *part->rule;
    for (const auto& [series, facts] : part->part) {
      if (rule.external()) {
        overlaps.Compare(catalog.FindExternal(facts.metric), rule,
                         facts.metric);
        catalog.Put(ExternalMetric{facts.metric, series, part->rule});
      }
      for (const model::Resource* resource : facts.resources) {
        const model::GroupResource key = resource->group_resource();
        overlaps.Compare(catalog.FindCustom(key, facts.metric), rule,
                         key.ToString() + "/" + facts.metric);
        catalog.Put(CustomMetric{resource, facts.metric, series, part->rule});
      }
    }
  }
  assembly.overlaps = overlaps.List();
  return assembly;
}

bool SameContent(const Catalog& a, const Catalog& b) {
  return SameEntries(a.custom(), b.custom()) &&
         SameEntries(a.external(), b.external());
}

}  // namespace sextant::catalog
