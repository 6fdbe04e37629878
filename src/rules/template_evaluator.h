#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sextant/base/result.h"
#include "template_tree.h"
#include "template_value.h"

namespace sextant::rules {

// Runs a tree over `data`.  `source` is the text that it was parsed from,
// `name` what errors call it; they have the wording of Go's text/template:
//   template: metrics-query:1:2: executing "metrics-query" at <len 3>: ...
//
// A template that writes, copies or repeats without end is an error too.
Result<std::string> RunTemplate(const std::vector<Node>& tree,
                                std::string_view source,
                                const std::string& name, const Record& data);

}  // namespace sextant::rules
