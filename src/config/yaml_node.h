#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sextant/config/problem.h"

namespace sextant::config {

struct YamlNode;
using YamlNodePtr = std::shared_ptr<const YamlNode>;

struct YamlEntry {
  std::string key;
  Position at;  // of the key
  YamlNodePtr value;
};

// A node of a YAML document.  Immutable once read; an alias is the node that it
// names, so nodes are shared, and their positions are those of the anchor.
struct YamlNode {
  enum class Kind { kNull, kScalar, kSequence, kMap };

  Kind kind = Kind::kNull;
  Position at;

  std::string scalar;  // the text, as the file has it
  bool plain = false;  // neither quoted nor a block (| >) nor !!str
  std::vector<YamlNodePtr> items;
  std::vector<YamlEntry> entries;  // keys are unique; merge keys are resolved

  // With all aliases written out: how many nodes, long texts counting as
  // several, and how many levels.
  std::size_t cost = 1;
  std::size_t height = 1;

  bool is_null() const { return kind == Kind::kNull; }
  bool is_scalar() const { return kind == Kind::kScalar; }
  bool is_sequence() const { return kind == Kind::kSequence; }
  bool is_map() const { return kind == Kind::kMap; }

  // Null if there is no such key.
  const YamlEntry* Find(std::string_view key) const {
    for (const YamlEntry& entry : entries) {
      if (entry.key == key) return &entry;
    }
    return nullptr;
  }
};

}  // namespace sextant::config
