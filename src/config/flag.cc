#include "flag.h"

#include <algorithm>

namespace sextant::config {

std::string Dashed(const Flag& flag) {
  return (flag.name.size() == 1 ? "-" : "--") + std::string(flag.name);
}

std::string Written(const Flag& flag) {
  std::string text = Dashed(flag);
  if (!flag.value.empty()) text += "=" + std::string(flag.value);
  return text;
}

const Flag* FindFlag(std::span<const FlagGroup> groups, std::string_view name) {
  std::string with_dashes(name);
  std::replace(with_dashes.begin(), with_dashes.end(), '_', '-');
  for (const FlagGroup& group : groups) {
    for (const Flag& flag : group.flags) {
      if (flag.name == name) return &flag;
      if (group.underscores && flag.name == with_dashes) return &flag;
    }
  }
  return nullptr;
}

}  // namespace sextant::config
