#include "aws_reply.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "safe_url.h"
#include "sextant/base/json.h"
#include "sextant/base/json_fields.h"
#include "sextant/base/time_text.h"

namespace sextant::cloud {
namespace {

// The text of the one element of that name; keys and times need no entities.
std::optional<std::string_view> Element(std::string_view xml,
                                        const std::string& name) {
  const std::string open = "<" + name + ">";
  const std::string close = "</" + name + ">";
  const std::size_t begin = xml.find(open);
  if (begin == std::string_view::npos) return std::nullopt;
  xml.remove_prefix(begin + open.size());
  const std::size_t end = xml.find(close);
  if (end == std::string_view::npos) return std::nullopt;
  return xml.substr(0, end);
}

std::optional<AwsLease> Checked(std::string_view id, std::string_view secret,
                                std::string_view token,
                                std::string_view expiration) {
  const std::optional<TimePoint> end = ParseRfc3339Utc(expiration);
  // They become header values and texts to sign.
  if (!IsVisibleAscii(id) || !IsVisibleAscii(secret) ||
      !IsVisibleAscii(token) || !end) {
    return std::nullopt;
  }
  return AwsLease{{std::string(id), std::string(secret), std::string(token)},
                  *end};
}

bool IsCode(std::string_view text) {
  return !text.empty() && text.size() <= 64 &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
         });
}

}  // namespace

std::optional<AwsLease> ReadStsReply(std::string_view xml) {
  const auto keys = Element(xml, "Credentials");
  if (!keys) return std::nullopt;
  return Checked(Element(*keys, "AccessKeyId").value_or(""),
                 Element(*keys, "SecretAccessKey").value_or(""),
                 Element(*keys, "SessionToken").value_or(""),
                 Element(*keys, "Expiration").value_or(""));
}

std::optional<AwsLease> ReadAgentReply(std::string_view json) {
  const Result<nlohmann::json> parsed = ParseJson(json);
  if (!parsed || !parsed->is_object()) return std::nullopt;
  return Checked(TextOf(*parsed, "AccessKeyId"),
                 TextOf(*parsed, "SecretAccessKey"), TextOf(*parsed, "Token"),
                 TextOf(*parsed, "Expiration"));
}

std::string ErrorCodeIn(std::string_view reply) {
  std::string code;
  if (const auto element = Element(reply, "Code")) {
    code = *element;
  } else if (const Result<nlohmann::json> parsed = ParseJson(reply);
             parsed && parsed->is_object()) {
    code = TextOf(*parsed, "code");
  }
  return IsCode(code) ? code : std::string();
}

}  // namespace sextant::cloud
