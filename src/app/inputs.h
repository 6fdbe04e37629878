#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "sextant/base/result.h"
#include "sextant/config/backends.h"
#include "sextant/config/flags.h"
#include "sextant/model/resource.h"
#include "sextant/query/listers.h"
#include "sextant/rules/rule_set.h"

namespace sextant::app {

inline constexpr std::size_t kMaxObjectsBytes = 256 * 1024 * 1024;

// What the files and flags of `serve` amount to.
struct Inputs {
  std::shared_ptr<const rules::RuleSet> rules;
  std::vector<config::Backend> backends;  // of the file
  // Nothing without --standalone-objects.
  std::optional<std::vector<query::FixedObjectLister::Object>> objects;
};

using Table = std::shared_ptr<const model::ResourceTable>;

// Gives the resources of the cluster as they are now.
using ClusterTable = std::function<Table()>;

// Reads and checks them all.  `cluster` has the resources of the cluster, to
// which more may come; null with --standalone.  Warnings of the configuration
// go to the log; an error holds every mistake of the file that was wrong.
// Blocks.
Result<Inputs> ReadInputs(const config::ServeFlags& flags,
                          const Table& cluster = nullptr);

// The same while the program runs.  An empty --config is an error then: it is
// more often half of a change than a wish (`rules: []` says that there are
// none).  `known` is used for a ResourceTable with the same content.
Result<Inputs> ReadChangedInputs(const config::ServeFlags& flags,
                                 const Table& cluster, const Table& known);

}  // namespace sextant::app
