// Go's fmt.Sprintf, Sprint and Sprintln for the values of templates.

#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "sextant/base/result.h"
#include "template_value.h"

namespace sextant::rules {

// No text of a template may be longer, whatever width it asks for.
inline constexpr std::size_t kMaxText = 4 << 20;

// Verbs %s %q %v %d %t %x %X %f %e %g %%, flags "-+0 #" where they mean
// something, width and precision, also as *.  A value that does not fit its
// verb, one too few and one too many are marked in the text as Go does
// ("%!d(string=m)"); other verbs and argument indexes are errors.
Result<std::string> Sprintf(const std::string& format,
                            const std::vector<Value>& arguments);

// Blanks between operands when neither is a string.
std::string Sprint(const std::vector<Value>& arguments);

// Blanks between all operands, and a newline.
std::string Sprintln(const std::vector<Value>& arguments);

}  // namespace sextant::rules
