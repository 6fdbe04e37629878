// What HTTP/1.1 and HTTP/2 replies have in common (RFC 9110).  Any thread.

#pragma once

#include <string>
#include <string_view>

#include "sextant/net/http.h"

namespace sextant::net {

// "Not Found"; empty for a status that has no name here.
std::string_view ReasonPhrase(int status);

// Not 1xx, 204 and 304.
bool HasBody(int status);

// May a handler set this field?  Not those by which the server itself frames
// the reply, and none that could break out of its line.
bool IsSendable(std::string_view name, std::string_view value);

// Does the handler want the connection to end after this reply?  See Handler.
bool EndsConnection(const Response& response);

}  // namespace sextant::net
