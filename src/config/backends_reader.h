#pragma once

#include <set>
#include <string>
#include <vector>

#include "config_fields.h"
#include "sextant/config/backends.h"
#include "yaml_node.h"

namespace sextant::config {

// Takes the value of `backends`; mistakes go to the problems of `place`.
void TakeBackends(const YamlNode& node, const Place& place,
                  std::vector<Backend>& out);

// The names that rules may choose.
std::vector<std::string> NamesOfBackends(const std::vector<Backend>& backends);

// What a node says, in one line: another text for another meaning.
std::string ContentOf(const YamlNode& node);

}  // namespace sextant::config
