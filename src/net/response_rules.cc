#include "response_rules.h"

#include <algorithm>
#include <array>

#include "sextant/base/text.h"

namespace sextant::net {
namespace {

constexpr std::array<std::string_view, 8> kOurs = {
    "connection", "keep-alive",     "proxy-connection",
    "upgrade",    "content-length", "transfer-encoding",
    "date",       "trailer"};

bool IsTokenCharacter(char c) {
  if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
      (c >= 'A' && c <= 'Z')) {
    return true;
  }
  constexpr std::string_view kOthers = "!#$%&'*+-.^_`|~";
  return kOthers.find(c) != std::string_view::npos;
}

}  // namespace

std::string_view ReasonPhrase(int status) {
  switch (status) {
    case 100:
      return "Continue";
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 304:
      return "Not Modified";
    case 307:
      return "Temporary Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 406:
      return "Not Acceptable";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 422:
      return "Unprocessable Content";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "";
  }
}

bool HasBody(int status) {
  return status >= 200 && status != 204 && status != 304;
}

bool IsSendable(std::string_view name, std::string_view value) {
  if (name.empty() ||
      !std::all_of(name.begin(), name.end(), IsTokenCharacter)) {
    return false;
  }
  const bool plain = std::none_of(value.begin(), value.end(), [](char c) {
    return c == '\r' || c == '\n' || c == '\0';
  });
  return plain && std::none_of(kOurs.begin(), kOurs.end(),
                               [name](std::string_view ours) {
                                 return EqualsIgnoringCase(name, ours);
                               });
}

bool EndsConnection(const Response& response) {
  const std::string* const connection = response.headers.Find("Connection");
  return connection != nullptr && EqualsIgnoringCase(*connection, "close");
}

}  // namespace sextant::net
