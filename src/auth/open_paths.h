#pragma once

#include <set>
#include <string>
#include <vector>

#include "sextant/model/action.h"

namespace sextant::auth {

// Paths that need no permission (--authorization-always-allow-paths).
//
// "/healthz" is that path alone, "/healthz/*" all that begin so.  Resources are
// never among them, and nothing at or below /debug is, whatever the patterns
// say: what is shown there comes from every namespace.
class OpenPaths {
 public:
  explicit OpenPaths(const std::vector<std::string>& patterns);

  bool Hold(const model::Action& action) const;

 private:
  // Without their first slash, as the API server compares them.
  std::set<std::string> paths_;
  std::vector<std::string> prefixes_;
};

}  // namespace sextant::auth
