#include "token_reply.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

#include "safe_url.h"
#include "sextant/base/json.h"
#include "sextant/base/json_fields.h"
#include "sextant/base/text.h"
#include "sextant/base/time_text.h"

namespace sextant::cloud {
namespace {

constexpr double kMostSeconds = 24 * 60 * 60;

Error Answers(const std::string& what) {
  return Error{ErrorCode::kUnavailable, "answers " + what, ""};
}

// Azure's first version writes a text.
std::optional<double> SecondsOf(const nlohmann::json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end()) return std::nullopt;
  if (found->is_number()) return found->get<double>();
  if (!found->is_string()) return std::nullopt;
  const auto& text = found->get_ref<const std::string&>();
  double seconds = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return seconds;
}

Result<nlohmann::json> ObjectOf(std::string_view json) {
  Result<nlohmann::json> parsed = ParseJson(json);
  if (!parsed || !parsed->is_object()) {
    return Answers("something else than a token");
  }
  return parsed;
}

bool IsErrorCode(std::string_view text) {
  return !text.empty() && text.size() <= 64 &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
         });
}

}  // namespace

Result<TokenLease> ReadTokenReply(std::string_view json, TimePoint now) {
  const Result<nlohmann::json> reply = ObjectOf(json);
  if (!reply) return reply.error();
  std::string token = TextOf(*reply, "access_token");
  if (!IsVisibleAscii(token)) return Answers("something else than a token");
  const std::string type = TextOf(*reply, "token_type");
  if (!type.empty() && !EqualsIgnoringCase(type, "Bearer")) {
    return Answers("a token that is no bearer token");
  }
  const std::optional<double> seconds = SecondsOf(*reply, "expires_in");
  if (!seconds || !std::isfinite(*seconds)) {
    return Answers("a token and not when it ends (expires_in)");
  }
  if (*seconds < 1) return Answers("a token that has ended");
  const auto lasts = std::chrono::seconds(
      static_cast<std::int64_t>(std::min(*seconds, kMostSeconds)));
  return TokenLease{std::move(token), now + lasts};
}

Result<TokenLease> ReadImpersonationReply(std::string_view json,
                                          TimePoint now) {
  const Result<nlohmann::json> reply = ObjectOf(json);
  if (!reply) return reply.error();
  std::string token = TextOf(*reply, "accessToken");
  if (!IsVisibleAscii(token)) return Answers("something else than a token");
  const std::optional<TimePoint> end =
      ParseRfc3339Utc(TextOf(*reply, "expireTime"));
  if (!end) return Answers("a token and not when it ends (expireTime)");
  if (*end <= now) return Answers("a token that has ended");
  return TokenLease{std::move(token), *end};
}

std::string OAuthErrorIn(std::string_view reply) {
  const Result<nlohmann::json> parsed = ParseJson(reply);
  if (!parsed || !parsed->is_object()) return {};
  const auto codes = parsed->find("error_codes");
  if (codes != parsed->end() && codes->is_array() && !codes->empty() &&
      codes->front().is_number_unsigned()) {
    return "AADSTS" + std::to_string(codes->front().get<std::uint64_t>());
  }
  const auto error = parsed->find("error");
  if (error == parsed->end()) return {};
  const std::string code =
      error->is_object() ? TextOf(*error, "status") : TextOf(*parsed, "error");
  return IsErrorCode(code) ? code : std::string();
}

}  // namespace sextant::cloud
