// How the typed structs take their values out of YAML nodes: every mistake is
// reported with the path of its field, and none ends the reading.

#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "sextant/config/problem.h"
#include "shorten.h"
#include "yaml_node.h"

namespace sextant::config {

// Where a value stands in a file.
struct Place {
  const std::string& file;
  Problems& problems;
  std::string path;  // "rules[3].name"

  Place Key(const std::string& key) const {
    return {file, problems, JoinPath(path, key)};
  }
  Place Item(std::size_t index) const {
    return {file, problems, path + "[" + std::to_string(index) + "]"};
  }
  void Error(Position at, std::string message, std::string advice = {}) const {
    problems.Error(file, at, path, std::move(message), std::move(advice));
  }
};

// "a list", "a map", "the text \"abc\"", "null"
std::string Describe(const YamlNode& node);

struct Field {
  std::string key;
  std::function<void(const YamlNode&, const Place&)> take;  // never of a null
};

// Hands each value of a map to its field.  A value of null leaves the default,
// as does a `node` of null.  `what` names the thing in messages: "a rule".
void TakeFields(const YamlNode& node, const Place& place, std::string_view what,
                const std::vector<Field>& fields);

// Reports that `entry` is none of `known`: says which one is meant if one is
// near, or where a key of that name belongs.
void ReportUnknownKey(const YamlEntry& entry, const Place& place,
                      std::string_view what,
                      const std::vector<std::string>& known);

// Calls `take` for each item, nulls included; `what` is "rules".
void TakeItems(const YamlNode& node, const Place& place, std::string_view what,
               const std::function<void(const YamlNode&, const Place&)>& take);

Field TextField(std::string key, std::string& out);
Field TextField(std::string key, Located<std::string>& out);

}  // namespace sextant::config
