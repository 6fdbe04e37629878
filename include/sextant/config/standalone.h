// The two files of --standalone: resources and objects that would otherwise
// come from the API server.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sextant/base/result.h"
#include "sextant/model/labels.h"
#include "sextant/model/resource.h"

namespace sextant::config {

// An object as `kubectl get -o json` or `-o yaml` prints it, as far as we look.
struct StandaloneObject {
  std::string api_version;  // "v1", "apps/v1"
  std::string kind;
  std::string namespace_;
  std::string name;
  model::Labels labels;
};

// Reads what `kubectl get ... -o json` or `-o yaml` prints: a List, one object,
// or several YAML documents of these.  Errors name file, line and field.
Result<std::vector<StandaloneObject>> ParseStandaloneObjects(
    const std::string& file, std::string_view text);

// Reads APIResourceList documents, JSON or YAML, as `kubectl get --raw
// /apis/<group>/<version>` prints them, one or several.
Result<std::vector<model::Resource>> ParseStandaloneResources(
    const std::string& file, std::string_view text);

}  // namespace sextant::config
