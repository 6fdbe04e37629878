#pragma once

#include <string>

#include "sextant/backend/backends.h"
#include "sextant/base/clock.h"
#include "sextant/base/task.h"
#include "sextant/catalog/refresher.h"
#include "sextant/query/trace.h"

namespace sextant::query {

// Adds to `trace`, whose request has ended, what each rule of its API has to do
// with the metric, and which metrics are like it.  For rules that could give it
// and have no series it asks the backend why: a few questions a rule, within
// `deadline`.  `resource` as the client wrote it; empty for external metrics.
// Everything passed must outlive the Task.
Task<void> AddRuleNotes(const catalog::Refresher& catalog,
                        backend::Backends backends, Clock& clock,
                        std::string resource, TimePoint deadline, Trace* trace);

}  // namespace sextant::query
