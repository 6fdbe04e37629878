#pragma once

#include <string>
#include <string_view>

namespace sextant::api {

// A JSON document for people: two blanks a level, as Go's json.MarshalIndent
// writes it, without a newline at the end.  Keys keep their order and strings
// their escapes.  `json` must be a valid document.
std::string Pretty(std::string_view json);

}  // namespace sextant::api
