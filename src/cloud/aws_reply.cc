#include "aws_reply.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <nlohmann/json.hpp>

#include "safe_url.h"
#include "sextant/base/json.h"

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

std::string TextOf(const nlohmann::json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>()
                                                     : std::string();
}

std::optional<AwsLease> Checked(std::string_view id, std::string_view secret,
                                std::string_view token,
                                std::string_view expiration) {
  const std::optional<TimePoint> end = ParseUtcTime(expiration);
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

std::optional<TimePoint> ParseUtcTime(std::string_view text) {
  constexpr std::string_view kShape = "dddd-dd-ddTdd:dd:dd";
  if (text.size() <= kShape.size()) return std::nullopt;
  for (std::size_t i = 0; i < kShape.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (kShape[i] == 'd' ? !digit : text[i] != kShape[i]) return std::nullopt;
  }
  std::string_view rest = text.substr(kShape.size());
  if (rest.front() == '.') {
    const std::size_t end = rest.find_first_not_of("0123456789", 1);
    if (end == std::string_view::npos || end == 1) return std::nullopt;
    rest.remove_prefix(end);
  }
  if (rest != "Z" && rest != "+00:00") return std::nullopt;
  const auto number = [text](std::size_t at, std::size_t size) {
    int value = 0;
    std::from_chars(text.data() + at, text.data() + at + size, value);
    return value;
  };
  const std::chrono::year_month_day day{
      std::chrono::year(number(0, 4)),
      std::chrono::month(static_cast<unsigned>(number(5, 2))),
      std::chrono::day(static_cast<unsigned>(number(8, 2)))};
  const int hours = number(11, 2);
  const int minutes = number(14, 2);
  const int seconds = number(17, 2);
  if (!day.ok() || hours > 23 || minutes > 59 || seconds > 60) {
    return std::nullopt;
  }
  return TimePoint(std::chrono::sys_days(day)) + std::chrono::hours(hours) +
         std::chrono::minutes(minutes) + std::chrono::seconds(seconds);
}

}  // namespace sextant::cloud
