#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "sextant/base/result.h"

namespace sextant {

// Parses a JSON document of modest size (large and streamed ones are for
// base/json_stream.h).  An error says at which byte and why; documents nested
// deeper than 100 levels are refused.  Any thread.
Result<nlohmann::json> ParseJson(std::string_view text);

// Appends `text` as a JSON string, quotes included, escaped as Go's
// encoding/json does: < > & U+2028 U+2029 as \uNNNN, invalid UTF-8 as \ufffd.
void AppendJsonString(std::string& out, std::string_view text);

}  // namespace sextant
