#pragma once

#include <string>
#include <string_view>

#include "flag.h"

namespace sextant::config {

// `text` with line breaks between words, so that no line passes 79 columns
// where it can be helped.  The first line begins at column `at`, the others
// are indented by `indent`; ends with a line break.
std::string Wrapped(std::string_view text, std::size_t at, std::size_t indent);

// "Backend:" and a paragraph for each flag of the group that acts.
std::string HelpOf(const FlagGroup& group);

}  // namespace sextant::config
