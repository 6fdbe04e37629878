#include "open_paths.h"

#include <algorithm>
#include <string_view>

namespace sextant::auth {
namespace {

std::string_view WithoutSlash(std::string_view path) {
  if (path.starts_with('/')) path.remove_prefix(1);
  return path;
}

bool IsDebug(std::string_view path) {
  while (path.starts_with('/')) path.remove_prefix(1);
  return path == "debug" || path.starts_with("debug/");
}

}  // namespace

OpenPaths::OpenPaths(const std::vector<std::string>& patterns) {
  for (const std::string& pattern : patterns) {
    std::string_view path = WithoutSlash(pattern);
    if (path.ends_with('*')) {
      path.remove_suffix(1);
      prefixes_.emplace_back(path);
    } else {
      paths_.emplace(path);
    }
  }
}

bool OpenPaths::Hold(const model::Action& action) const {
  if (action.is_resource || IsDebug(action.path)) return false;
  const std::string path(WithoutSlash(action.path));
  return paths_.count(path) > 0 ||
         std::any_of(prefixes_.begin(), prefixes_.end(),
                     [&path](const std::string& prefix) {
                       return path.starts_with(prefix);
                     });
}

}  // namespace sextant::auth
