#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sextant::model {

// Who sends a request.
struct Identity {
  std::string user;
  std::string uid;
  std::vector<std::string> groups;
  std::map<std::string, std::vector<std::string>> extra;

  bool IsIn(std::string_view group) const {
    return std::find(groups.begin(), groups.end(), group) != groups.end();
  }

  friend bool operator==(const Identity&, const Identity&) = default;
};

// Whose members may do anything, and are never kept waiting.
inline constexpr std::string_view kMasters = "system:masters";

}  // namespace sextant::model
