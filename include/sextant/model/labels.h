#pragma once

#include <map>
#include <string>

namespace sextant::model {

// Label names and values, of a Kubernetes object or of a series; ordered by
// name.  A label that is absent and one whose value is empty are different
// things to Kubernetes and the same to Prometheus.
using Labels = std::map<std::string, std::string>;

}  // namespace sextant::model
