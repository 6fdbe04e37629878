#include "credentials.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include "sextant/base/text.h"
#include "sextant/net/peer.h"

namespace sextant::auth {
namespace {

// What the certificate was, for audit logs (client-go's user.CredentialIDKey).
constexpr char kCredentialId[] = "authentication.kubernetes.io/credential-id";

Error Refused(std::string message) {
  return {ErrorCode::kUnauthenticated, std::move(message), ""};
}

bool Holds(const std::vector<std::string>& names, const std::string& wanted) {
  return std::find(names.begin(), names.end(), wanted) != names.end();
}

// The first value that is not empty, of the first header that has one.
Result<std::string> OneValue(const net::Headers& headers,
                             const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    const std::vector<std::string> values = headers.FindAll(name);
    if (values.size() > 1) {
      return Refused("front proxy: header " + name + " is there twice");
    }
    if (!values.empty() && !values[0].empty()) return values[0];
  }
  return std::string();
}

std::vector<std::string> AllValues(const net::Headers& headers,
                                   const std::vector<std::string>& names) {
  std::vector<std::string> all;
  for (const std::string& name : names) {
    for (std::string& value : headers.FindAll(name)) {
      if (!value.empty()) all.push_back(std::move(value));
    }
  }
  return all;
}

// HTTP has no case in names and no '/', so proxies send keys encoded.
std::string ExtraKey(std::string_view name) {
  const std::string key = AsciiLower(name);
  return PercentDecode(key).value_or(key);
}

std::map<std::string, std::vector<std::string>> Extra(
    const net::Headers& headers, const std::vector<std::string>& prefixes) {
  std::map<std::string, std::vector<std::string>> extra;
  for (const std::string& prefix : prefixes) {
    for (const auto& [name, value] : headers.fields()) {
      if (!EqualsIgnoringCase(std::string_view(name).substr(0, prefix.size()),
                              prefix)) {
        continue;
      }
      extra[ExtraKey(std::string_view(name).substr(prefix.size()))].push_back(
          value);
    }
  }
  return extra;
}

}  // namespace

Claim ByFrontProxy(const net::Request& request, const FrontProxy& proxy,
                   TimePoint now) {
  if (!request.peer_certificate) return std::optional<model::Identity>();
  const Result<net::CertificateSubject> subject =
      request.peer_certificate->Verify(proxy.ca, now);
  if (!subject) return Error(subject.error()).Within("front proxy");
  if (!proxy.allowed_names.empty() &&
      !Holds(proxy.allowed_names, subject->common_name)) {
    return Refused("front proxy: " + GoQuote(subject->common_name) +
                   " is not an allowed name");
  }
  Result<std::string> user = OneValue(request.headers, proxy.username_headers);
  if (!user) return std::move(user).error();
  if (user->empty()) return std::optional<model::Identity>();
  Result<std::string> uid = OneValue(request.headers, proxy.uid_headers);
  if (!uid) return std::move(uid).error();
  return std::optional(
      model::Identity{*std::move(user), *std::move(uid),
                      AllValues(request.headers, proxy.group_headers),
                      Extra(request.headers, proxy.extra_prefixes)});
}

Claim ByCertificate(const net::Request& request,
                    const std::shared_ptr<const net::CaBundle>& ca,
                    TimePoint now) {
  if (!request.peer_certificate) return std::optional<model::Identity>();
  Result<net::CertificateSubject> subject =
      request.peer_certificate->Verify(ca, now);
  if (!subject) return std::move(subject).error();
  if (subject->common_name.empty()) return std::optional<model::Identity>();
  return std::optional(
      model::Identity{std::move(subject->common_name),
                      "",
                      std::move(subject->organizations),
                      {{kCredentialId, {"X509SHA256=" + subject->sha256}}}});
}

Result<std::optional<std::string>> ReadBearerToken(
    const net::Headers& headers) {
  const std::vector<std::string> fields = headers.FindAll("Authorization");
  // Which of them another program has looked at cannot be known.
  if (fields.size() > 1) return Refused("header Authorization is there twice");
  if (fields.empty()) return std::optional<std::string>();
  const std::string_view field = Trim(fields[0]);
  const std::size_t blank = field.find(' ');
  if (blank == std::string_view::npos ||
      !EqualsIgnoringCase(field.substr(0, blank), "bearer")) {
    return std::optional<std::string>();
  }
  const std::string token(Trim(field.substr(blank + 1)));
  const bool plain = std::all_of(token.begin(), token.end(),
                                 [](char c) { return c > ' ' && c < '\x7f'; });
  if (!plain) return Refused("header Authorization holds no bearer token");
  return std::optional<std::string>(token);
}

}  // namespace sextant::auth
