#include "sextant/cloud/sigv4.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "sextant/base/http_text.h"
#include "sextant/base/text.h"
#include "sextant/base/time_text.h"
#include "sextant/net/digest.h"

namespace sextant::cloud {
namespace {

constexpr char kAlgorithm[] = "AWS4-HMAC-SHA256";

// The path as it is sent, each segment encoded once more.
std::string CanonicalPath(const std::string& path) {
  std::vector<std::string> segments;
  for (const std::string& segment : Split(path.empty() ? "/" : path, '/')) {
    segments.push_back(PathSegment(segment));
  }
  return Join(segments, "/");
}

// Names and values have the encoding of a path's segments: RFC 3986's, not the
// form's.
std::string CanonicalQuery(const std::string& query) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const auto& [name, value] : ParseQueryString(query)) {
    pairs.emplace_back(PathSegment(name), PathSegment(value));
  }
  std::sort(pairs.begin(), pairs.end());
  std::vector<std::string> parts;
  parts.reserve(pairs.size());
  for (const auto& [name, value] : pairs) parts.push_back(name + "=" + value);
  return Join(parts, "&");
}

// "20260102T030405Z"
std::string AmzDate(TimePoint now) {
  std::string text = FormatRfc3339(now);
  std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
  return text;
}

void Remove(net::Headers& headers, std::string_view gone) {
  net::Headers kept;
  for (const auto& [name, value] : headers.fields()) {
    if (!EqualsIgnoringCase(name, gone)) kept.Add(name, value);
  }
  headers = std::move(kept);
}

}  // namespace

void SignV4(net::ClientRequest& request, const AwsKeys& keys,
            const std::string& region, const std::string& service,
            TimePoint now) {
  const std::string time = AmzDate(now);
  const std::string date = time.substr(0, 8);
  request.url.query = CanonicalQuery(request.url.query);
  request.headers.Set("x-amz-date", time);
  // Keys that follow temporary ones may have none.
  Remove(request.headers, "x-amz-security-token");

  std::vector<std::pair<std::string, std::string>> fields = {
      {"host", request.url.Authority()}, {"x-amz-date", time}};
  if (const std::string* type = request.headers.Find("Content-Type")) {
    fields.emplace_back("content-type", Trim(*type));
  }
  if (!keys.session_token.empty()) {
    request.headers.Set("x-amz-security-token", keys.session_token);
    fields.emplace_back("x-amz-security-token", keys.session_token);
  }
  std::sort(fields.begin(), fields.end());
  std::string lines;
  std::vector<std::string> names;
  for (const auto& [name, value] : fields) {
    lines += name + ":" + value + "\n";
    names.push_back(name);
  }
  const std::string signed_names = Join(names, ";");

  const std::string canonical =
      request.method + "\n" + CanonicalPath(request.url.path) + "\n" +
      request.url.query + "\n" + lines + "\n" + signed_names + "\n" +
      net::Sha256Hex(request.body);
  const std::string scope =
      date + "/" + region + "/" + service + "/aws4_request";
  const std::string to_sign = std::string(kAlgorithm) + "\n" + time + "\n" +
                              scope + "\n" + net::Sha256Hex(canonical);
  std::string key = "AWS4" + keys.secret_access_key;
  for (const std::string& part :
       {date, region, service, std::string("aws4_request")}) {
    key = net::HmacSha256(key, part);
  }
  request.headers.Set(
      "Authorization",
      std::string(kAlgorithm) + " Credential=" + keys.access_key_id + "/" +
          scope + ", SignedHeaders=" + signed_names +
          ", Signature=" + net::LowerHex(net::HmacSha256(key, to_sign)));
}

}  // namespace sextant::cloud
