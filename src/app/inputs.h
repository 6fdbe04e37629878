#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "sextant/base/result.h"
#include "sextant/config/flags.h"
#include "sextant/net/url.h"
#include "sextant/query/listers.h"
#include "sextant/rules/rule_set.h"

namespace sextant::app {

// What the files and flags of `serve` amount to.
struct Inputs {
  net::Url prometheus_url;
  std::shared_ptr<const rules::RuleSet> rules;
  // Nothing without --standalone-objects.
  std::optional<std::vector<query::FixedObjectLister::Object>> objects;
};

// Reads and checks them all.  Warnings of the configuration go to the log; an
// error holds every mistake of the file that was wrong.  Blocks.
Result<Inputs> ReadInputs(const config::ServeFlags& flags);

}  // namespace sextant::app
