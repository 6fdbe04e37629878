// The document of /debug/explain: docs/COMMANDS.md describes its keys.  Pure.

#pragma once

#include <string>
#include <vector>

#include "call.h"
#include "request_path.h"
#include "sextant/net/http.h"
#include "sextant/query/trace.h"

namespace sextant::api {

// One line of JSON: what was asked, what happened, and `response` as it would
// be sent.  Keys and their order are stable; new ones may come.
std::string Explanation(const Call& asked, const query::Trace& trace,
                        const net::Response& response);

std::string Explanation(const Call& asked, const query::ResourceTrace& trace,
                        const net::Response& response);

// What to write, for a client that gave no path or one that leads elsewhere.
std::string HowToAskForExplain();
std::string WhyNotExplained(const Call& asked,
                            const std::vector<ApiGroup>& served);

}  // namespace sextant::api
