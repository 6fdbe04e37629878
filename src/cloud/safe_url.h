// Where secrets may go.  Pure.

#pragma once

#include <string>
#include <string_view>

#include "sextant/base/result.h"
#include "sextant/net/url.h"

namespace sextant::cloud {

// Does what is sent to this host stay on the node: is it loopback, or one of
// the link-local addresses behind which clouds put their metadata and agents?
// No proxy leads there, and TLS is not needed.
bool StaysOnNode(const net::Url& url);

// The URL, if secrets may be sent there; the error begins with `what`.
Result<net::Url> SafeUrl(const std::string& text, const std::string& what);

// A token that a file holds: trimmed, and one that can stand in a header.  An
// error ends with the path and what is wrong with it.
Result<std::string> TokenInFile(const std::string& path);

// Can this be the value of a header, or a part of it: visible ASCII, something?
bool IsVisibleAscii(std::string_view text);

}  // namespace sextant::cloud
