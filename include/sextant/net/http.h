// HTTP messages as plain values, the same for both directions and both
// versions.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sextant::net {

class PeerCertificate;

// Header fields in order of arrival; names compare without regard to case and a
// name may occur several times.
class Headers {
 public:
  Headers() = default;
  Headers(std::initializer_list<std::pair<std::string, std::string>> fields)
      : fields_(fields) {}

  void Add(std::string name, std::string value) {
    fields_.emplace_back(std::move(name), std::move(value));
  }
  // Replaces all fields of that name.
  void Set(std::string name, std::string value);

  // The first value; null if there is none.
  const std::string* Find(std::string_view name) const;
  // Every value, in order.
  std::vector<std::string> FindAll(std::string_view name) const;

  const std::vector<std::pair<std::string, std::string>>& fields() const {
    return fields_;
  }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

// A request as it reached the server.
struct Request {
  std::string method;  // as sent, "GET"
  std::string target;  // origin form, still percent-encoded: "/apis?x=y"
  Headers headers;     // without HTTP/2's pseudo headers; Host is set for both
  std::string body;
  std::string peer_address;  // "127.0.0.1", without port
  // What the client showed in the TLS handshake, unverified; null if nothing.
  std::shared_ptr<const PeerCertificate> peer_certificate;
};

// What a handler answers.  The server adds Date and Content-Length; it sends no
// body for HEAD, 204 and 304.
struct Response {
  int status = 200;
  Headers headers;
  // Shared, so that a document made once is sent often without a copy; null is
  // an empty body.
  std::shared_ptr<const std::string> body;

  static Response Of(int status, std::string content_type, std::string body);
};

}  // namespace sextant::net
