#pragma once

#include <map>
#include <string>
#include <vector>

namespace sextant::model {

// Who sends a request.
struct Identity {
  std::string user;
  std::string uid;
  std::vector<std::string> groups;
  std::map<std::string, std::vector<std::string>> extra;
};

}  // namespace sextant::model
