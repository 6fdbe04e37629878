#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "terminal.h"

namespace sextant::app {

// The document of /debug/explain for people: the verdict, what happened step
// by step, what to do next.  `offline`: without a backend, so it ends at the
// query.  What a document lacks is left out.  Pure.
std::string ExplainText(const nlohmann::json& document, bool offline,
                        const Painter& paint);

// Does the document end in a value (offline: in a query)?
bool EndsWell(const nlohmann::json& document, bool offline);

}  // namespace sextant::app
