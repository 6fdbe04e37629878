#pragma once

#include <string_view>
#include <vector>

#include "sextant/base/result.h"
#include "template_tree.h"

namespace sextant::rules {

// Reads a template.  What Go's text/template has and this engine does not
// (define, template, block, call) is an error that names it, and so is all that
// Go refuses: unknown functions, undefined variables, open ends.  The message
// begins with the place, "line 1, column 3: ".
Result<std::vector<Node>> ParseTemplate(std::string_view source);

// The first fields of dot or $ that the tree asks for where dot is surely the
// template's data, in the order of the text.
struct FieldUse {
  std::string name;
  std::size_t at = 0;
};
std::vector<FieldUse> FieldsOfData(const std::vector<Node>& tree);

}  // namespace sextant::rules
