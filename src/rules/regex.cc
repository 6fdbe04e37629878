#include "regex.h"

#include <cctype>
#include <string>
#include <utility>

#include "sextant/base/text.h"

namespace sextant::rules {

namespace {

Error Bad(std::string_view pattern, const std::string& reason) {
  return Error{
      ErrorCode::kInvalidArgument,
      "the regular expression " + GoQuote(pattern) + " is not valid: " + reason,
      {}};
}

// The pattern in the dialect of RE2 20220601.
Result<std::string> Translate(std::string_view pattern) {
  std::string out;
  bool in_class = false;
  for (std::size_t at = 0; at < pattern.size(); ++at) {
    const std::string_view rest = pattern.substr(at);
    if (rest.starts_with("\\Q")) {
      const std::size_t end = rest.find("\\E");
      out += rest.substr(0, end);
      if (end == std::string_view::npos) break;
      at += end - 1;
    } else if (rest[0] == '\\' && rest.size() > 1) {
      if (rest[1] == 'C') {
        return Bad(pattern, "invalid escape sequence: `\\C`");
      }
      out += rest.substr(0, 2);
      ++at;
    } else if (!in_class && rest.size() > 3 && rest.starts_with("(?<") &&
               (std::isalnum(static_cast<unsigned char>(rest[3])) != 0 ||
                rest[3] == '_')) {
      out += "(?P<";
      at += 2;
    } else {
      if (rest[0] == ']') in_class = false;
      if (rest[0] == '[' && !in_class) {
        in_class = true;
        // A ] that comes first is one of the class.
        const std::size_t first = rest.starts_with("[^") ? 2 : 1;
        if (rest.size() > first && rest[first] == ']') {
          out += rest.substr(0, first + 1);
          at += first;
          continue;
        }
      }
      out += rest[0];
    }
  }
  return out;
}

}  // namespace

Result<std::unique_ptr<const re2::RE2>> CompileRegex(std::string_view pattern) {
  Result<std::string> translated = Translate(pattern);
  if (!translated) return std::move(translated).error();
  re2::RE2::Options options;
  options.set_log_errors(false);
  auto regex = std::make_unique<const re2::RE2>(*translated, options);
  if (!regex->ok()) return Bad(pattern, regex->error());
  return regex;
}

}  // namespace sextant::rules
