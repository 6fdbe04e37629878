// metrics.k8s.io's answers as `kubectl get` prints them.  Pure; any thread.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "resource_list.h"

namespace sextant::api {

// What the rows of a table say of their objects: ?includeObject=.
enum class IncludeObject { kMetadata, kNone, kObject };

// Nothing for a word that is none of them.  No word is "Metadata".
std::optional<IncludeObject> ReadIncludeObject(
    const std::optional<std::string>& text);

// meta.k8s.io Table, one line with its newline.  A row has the sums over its
// containers, and <unknown> for what one of them has no value of.
// `table_version`: "v1", "v1beta1".
std::string ResourceTable(const ResourceHead& head,
                          std::string_view table_version, IncludeObject include,
                          const std::vector<query::ResourceUsage>& items);

}  // namespace sextant::api
