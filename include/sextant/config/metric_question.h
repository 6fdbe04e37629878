#pragma once

#include <span>
#include <string>

#include "sextant/base/result.h"

namespace sextant::config {

// The API path of a question as people put it:
//
//   pods/* gpu_utilization      deployments.apps/web requests
//   nodes/n1 load               namespaces/shop requests
//   external queue_depth
//
// `words` are these words; `selector` is of the objects (external: of the
// series), `metric_selector` of the series; all three may be empty.  The error
// says what to write.  Pure.
Result<std::string> QuestionPath(std::span<const std::string> words,
                                 const std::string& namespace_,
                                 const std::string& selector,
                                 const std::string& metric_selector);

}  // namespace sextant::config
