// From what is known of each rule to the catalog.  Pure.

#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "sextant/catalog/catalog.h"
#include "sextant/rules/rule.h"
#include "survey.h"

namespace sextant::catalog {

// What is known of one series of a rule.
struct SeriesFacts {
  std::string metric;                          // its name in the API
  std::set<const model::Resource*> resources;  // whose labels it carries

  friend bool operator==(const SeriesFacts&, const SeriesFacts&) = default;
};

// What is known of a rule, by the names of its series.
using Part = std::map<std::string, SeriesFacts>;

Part MakePart(const rules::Rule& rule, const Survey& survey);

// Adds what `more` knows and `part` does not.  True if that was anything.
bool Merge(Part& part, const Part& more);

struct RulePart {
  std::shared_ptr<const rules::Rule> rule;
  Part part;
};

// Two series, of two rules or of one, that want the same entry of the catalog.
struct Overlap {
  std::string loser;  // the rule's path
  std::string winner;
  std::string example;  // "pods/http_requests"
};

struct Assembly {
  Catalog catalog;
  std::vector<Overlap> overlaps;  // one for each pair of rules
};

// Later rules win over earlier ones, and within a rule the series whose name
// sorts last, so that the same parts always give the same catalog.
Assembly Assemble(const std::vector<const RulePart*>& parts);

bool SameContent(const Catalog& a, const Catalog& b);

}  // namespace sextant::catalog
