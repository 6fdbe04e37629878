// What OpenAPI says of metrics.k8s.io: its paths, and its kinds for `kubectl
// explain`.  Pure; any thread.

#pragma once

#include <string>

namespace sextant::api {

// Where a schema is looked for, and how an answer names its schema.
enum class OpenApiForm { kV2, kV3 };

// Members of `paths`, without the braces.
std::string ResourcePaths(OpenApiForm form, const std::string& version);

// Members of `definitions` (2.0) or `components.schemas` (3.0).
std::string ResourceSchemas(OpenApiForm form, const std::string& version);

}  // namespace sextant::api
