#pragma once

#include <string>
#include <string_view>

namespace sextant::backend {

// "/prom/" and "query" give "/prom/api/v1/query": `base` as Go's path.Clean
// leaves it, without "//", "." and "..", then the endpoint.
std::string ApiPath(std::string_view base, std::string_view endpoint);

// A label's name as part of label/<name>/values.  Percent-encoded, and where
// that does not survive the server's router, in Prometheus' own escaping:
// "a/b" is U__a_2f_b (github.com/prometheus/common, model.EscapeName).
std::string LabelSegment(std::string_view label);

}  // namespace sextant::backend
