#include "document.h"

#include <string_view>
#include <utility>

#include "sextant/base/text.h"
#include "sextant/net/digest.h"

namespace sextant::api {
namespace {

// RFC 9110, 13.1.2: compared weakly, and "*" is anything.
bool Lists(const std::string& header, std::string_view etag) {
  for (const std::string& entry : Split(header, ',')) {
    std::string_view tag = Trim(entry);
    if (tag.substr(0, 2) == "W/") tag.remove_prefix(2);
    if (tag == etag || tag == "*") return true;
  }
  return false;
}

}  // namespace

Document Document::Tagged(std::string body) {
  Document document = Plain(std::move(body));
  document.etag = '"' + net::Sha512Hex(*document.body) + '"';
  return document;
}

Document Document::Plain(std::string body) {
  Document document;
  // It was appended to, may be megabytes, and stays for long.
  body.shrink_to_fit();
  document.body = std::make_shared<const std::string>(std::move(body));
  return document;
}

net::Response Serve(const Document& document, const net::Headers& request) {
  net::Response response;
  if (!document.etag.empty()) {
    response.headers.Set("ETag", document.etag);
    for (const std::string& header : request.FindAll("If-None-Match")) {
      if (!Lists(header, document.etag)) continue;
      response.status = 304;
      return response;
    }
  }
  response.headers.Set("Content-Type", document.content_type);
  response.body = document.body;
  return response;
}

}  // namespace sextant::api
