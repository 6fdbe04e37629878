#pragma once

#include <string>
#include <string_view>

namespace sextant {

// One segment of a URL's path: everything but letters, digits and "-_.~" is
// percent-encoded, a '/' and a blank too.  Pure; any thread.
std::string PathSegment(std::string_view text);

// The value of an Authorization header for a URL's "user:password"; without a
// colon the password is empty.  Pure; any thread.
std::string BasicCredentials(std::string_view user_info);

}  // namespace sextant
