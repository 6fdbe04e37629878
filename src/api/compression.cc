#include "compression.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "sextant/base/text.h"
#include "sextant/net/compress.h"

namespace sextant::api {
namespace {

using Kind = RequestPath::Kind;

// The API server's own:
// https://github.com/kubernetes/kubernetes/blob/v1.31.0/staging/src/k8s.io/apiserver/pkg/endpoints/handlers/responsewriters/writers.go
constexpr std::size_t kWorthwhile = 128 * 1024;

bool AtAnyLength(Kind kind) {
  return kind == Kind::kOpenApiV2 || kind == Kind::kOpenApiV3 ||
         kind == Kind::kOpenApiV3Group || kind == Kind::kOwnMetrics;
}

// Their length changes with the catalog, so that a cache must always know.
bool MayBeLong(Kind kind) {
  return kind == Kind::kGroups || kind == Kind::kResources;
}

// "q=0", "q=0.000"
bool IsRefusal(std::string_view parameter) {
  const std::size_t equals = parameter.find('=');
  if (equals == std::string_view::npos) return false;
  if (!EqualsIgnoringCase(Trim(parameter.substr(0, equals)), "q")) return false;
  const std::string_view quality = Trim(parameter.substr(equals + 1));
  return !quality.empty() && quality[0] == '0' &&
         quality.find_first_not_of("0.") == std::string_view::npos;
}

bool AllowsGzip(const std::string& clause) {
  const std::vector<std::string> parts = Split(clause, ';');
  if (!EqualsIgnoringCase(Trim(parts[0]), "gzip")) return false;
  return std::none_of(
      parts.begin() + 1, parts.end(),
      [](const std::string& parameter) { return IsRefusal(parameter); });
}

}  // namespace

bool AcceptsGzip(const net::Headers& request) {
  for (const std::string& header : request.FindAll("Accept-Encoding")) {
    const std::vector<std::string> clauses = Split(header, ',');
    if (std::any_of(clauses.begin(), clauses.end(), AllowsGzip)) return true;
  }
  return false;
}

void Compression::Apply(const Call& call, net::Response& response) {
  const Kind kind = call.where.kind;
  const bool pays = response.body && !response.body->empty() &&
                    (AtAnyLength(kind) || response.body->size() > kWorthwhile);
  if (pays || AtAnyLength(kind) || MayBeLong(kind)) {
    response.headers.Add("Vary", "Accept-Encoding");
  }
  if (!pays || !AcceptsGzip(call.request.headers)) return;
  response.body = Packed(response.body);
  response.headers.Set("Content-Encoding", "gzip");
}

Compression::Body Compression::Packed(const Body& body) {
  std::erase_if(known_, [](const Known& k) { return k.body.expired(); });
  const auto known =
      std::find_if(known_.begin(), known_.end(),
                   [&body](const Known& k) { return k.body.lock() == body; });
  if (known != known_.end()) return known->packed;
  // Whoever else holds it will send it again.
  const bool is_document = body.use_count() > 1;
  auto packed = std::make_shared<const std::string>(net::Compressed(*body));
  if (is_document) known_.push_back({body, packed});
  return packed;
}

}  // namespace sextant::api
