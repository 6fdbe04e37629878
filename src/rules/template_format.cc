#include "template_format.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "sextant/base/text.h"
#include "template_literal.h"

namespace sextant::rules {

namespace {

// What stands between % and the verb.
struct Spec {
  bool minus = false;
  bool plus = false;
  bool space = false;
  bool zero = false;
  int width = 0;
  int precision = -1;  // none
};

// As fmt: larger numbers are taken for a mistake.
constexpr int kMaxWidth = 1'000'000;

Error Unsupported(const std::string& what) {
  return Error{ErrorCode::kInvalidArgument, what + " is not supported", {}};
}

std::size_t CharacterCount(std::string_view text) {
  std::size_t count = 0;
  while (!text.empty()) {
    text.remove_prefix(FirstCharacter(text).size);
    ++count;
  }
  return count;
}

std::string Pad(const std::string& text, const Spec& spec, bool number) {
  const std::size_t width = static_cast<std::size_t>(spec.width);
  const std::size_t length = CharacterCount(text);
  if (length >= width) return text;
  const std::size_t missing = width - length;
  if (spec.minus) return text + std::string(missing, ' ');
  if (!number || !spec.zero) return std::string(missing, ' ') + text;
  const bool sign = text[0] == '-' || text[0] == '+' || text[0] == ' ';
  return text.substr(0, sign ? 1 : 0) + std::string(missing, '0') +
         text.substr(sign ? 1 : 0);
}

std::string Hex(std::string_view bytes, bool upper) {
  const char* digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

std::string WithSign(std::string text, const Spec& spec) {
  if (text[0] == '-') return text;
  if (spec.plus) return "+" + text;
  return spec.space ? " " + text : text;
}

std::string Misfit(char verb, const Value& value) {
  const std::string type = TypeName(value);
  if (type == "<nil>") return std::string("%!") + verb + "(<nil>)";
  return std::string("%!") + verb + "(" + type + "=" + ToText(value) + ")";
}

std::string FormatString(std::string text, char verb, const Spec& spec) {
  if (spec.precision >= 0 && verb != 'x' && verb != 'X') {
    std::size_t end = 0;
    for (int i = 0; i < spec.precision && end < text.size(); ++i) {
      end += FirstCharacter(std::string_view(text).substr(end)).size;
    }
    text.resize(end);
  }
  if (verb == 'q') text = GoQuote(text);
  if (verb == 'x' || verb == 'X') text = Hex(text, verb == 'X');
  return Pad(text, spec, false);
}

std::string FormatInteger(std::int64_t number, char verb, const Spec& spec) {
  std::string text = std::to_string(number);
  if (verb == 'x' || verb == 'X') {
    char buffer[32];
    const auto magnitude = number < 0 ? 0 - static_cast<std::uint64_t>(number)
                                      : static_cast<std::uint64_t>(number);
    std::snprintf(buffer, sizeof buffer, verb == 'x' ? "%s%llx" : "%s%llX",
                  number < 0 ? "-" : "",
                  static_cast<unsigned long long>(magnitude));
    text = buffer;
  }
  return Pad(WithSign(std::move(text), spec), spec, true);
}

std::string FormatFloat(double number, char verb, const Spec& spec) {
  if (!std::isfinite(number)) {
    return Pad(ShortestFloat(number), spec, false);
  }
  if (verb == 'v' || (verb == 'g' && spec.precision < 0)) {
    return Pad(WithSign(ShortestFloat(number), spec), spec, true);
  }
  const char format[] = {'%', '.', '*', verb, '\0'};
  const int precision = spec.precision < 0 ? 6 : spec.precision;
  // A precision of thousands gives as many zeros: bounded, but large.
  std::string text(static_cast<std::size_t>(precision) + 400, '\0');
  const int length =
      std::snprintf(text.data(), text.size(), format, precision, number);
  text.resize(static_cast<std::size_t>(length));
  return Pad(WithSign(std::move(text), spec), spec, true);
}

bool IsOneOf(char verb, std::string_view verbs) {
  return verbs.find(verb) != std::string_view::npos;
}

std::string Format(const Value& value, char verb, const Spec& spec) {
  if (const auto* text = std::get_if<std::string>(&value)) {
    if (IsOneOf(verb, "svqxX")) return FormatString(*text, verb, spec);
  } else if (const auto* number = std::get_if<std::int64_t>(&value)) {
    if (IsOneOf(verb, "dvxX")) return FormatInteger(*number, verb, spec);
  } else if (const auto* real = std::get_if<double>(&value)) {
    if (IsOneOf(verb, "vfeg")) return FormatFloat(*real, verb, spec);
  } else if (const auto* truth = std::get_if<bool>(&value)) {
    if (IsOneOf(verb, "tv")) return Pad(*truth ? "true" : "false", spec, false);
  } else if (const auto* list = std::get_if<List>(&value)) {
    std::string joined = "[";
    for (const std::string& item : *list) {
      if (joined.size() > 1) joined += ' ';
      joined += Format(item, verb, spec);
    }
    return joined + "]";
  } else if (const auto* map = std::get_if<Map>(&value)) {
    std::string joined = "map[";
    for (const auto& [key, item] : *map) {
      if (joined.back() != '[') joined += ' ';
      joined += Format(key, verb, spec);
      joined += ':';
      joined += Format(item, verb, spec);
    }
    return joined + "]";
  } else if (const auto* record = std::get_if<const Record*>(&value)) {
    std::string joined = "{";
    for (const auto& [name, item] : (*record)->fields) {
      if (joined.size() > 1) joined += ' ';
      joined += Format(item, verb, spec);
    }
    return joined + "}";
  } else if (verb == 'v') {
    return Pad("<nil>", spec, false);
  }
  return Misfit(verb, value);
}

// One call of Sprintf.
class Printer {
 public:
  Printer(const std::string& format, const std::vector<Value>& arguments)
      : format_(format), arguments_(arguments) {}

  Result<std::string> Run() {
    while (at_ < format_.size()) {
      if (out_.size() > kMaxText) return TooLong();
      const char c = format_[at_++];
      if (c != '%') {
        out_ += c;
        continue;
      }
      Result<Done> verb = TakeVerb();
      if (!verb) return std::move(verb).error();
    }
    if (next_ < arguments_.size()) AddExtra();
    if (out_.size() > kMaxText) return TooLong();
    return std::move(out_);
  }

 private:
  static Error TooLong() {
    return Error{ErrorCode::kInvalidArgument, "the text is too long", {}};
  }

  Result<Done> TakeVerb() {
    Spec spec;
    for (; at_ < format_.size(); ++at_) {
      const char c = format_[at_];
      if (c == '-') {
        spec.minus = true;
      } else if (c == '+') {
        spec.plus = true;
      } else if (c == ' ') {
        spec.space = true;
      } else if (c == '0') {
        spec.zero = true;
      } else if (c == '#') {
        return Unsupported("the flag # of printf");
      } else {
        break;
      }
    }
    Result<int> width = TakeNumber();
    if (!width) return std::move(width).error();
    spec.width = std::abs(std::max(*width, -kMaxWidth));
    spec.minus = spec.minus || *width < 0;
    if (at_ < format_.size() && format_[at_] == '.') {
      ++at_;
      Result<int> precision = TakeNumber();
      if (!precision) return std::move(precision).error();
      spec.precision = *precision < 0 ? -1 : *precision;
    }
    if (at_ >= format_.size()) {
      out_ += "%!(NOVERB)";
      return Done{};
    }
    const Character verb =
        FirstCharacter(std::string_view(format_).substr(at_));
    const std::string text = format_.substr(at_, verb.size);
    at_ += verb.size;
    if (text == "%") {
      out_ += '%';
      return Done{};
    }
    if (text == "[") return Unsupported("an argument index of printf");
    if (text.size() > 1 || !IsOneOf(text[0], "sqvdtxXfeg")) {
      return Unsupported("the verb %" + text + " of printf");
    }
    if (next_ >= arguments_.size()) {
      out_ += "%!" + text + "(MISSING)";
      return Done{};
    }
    out_ += Format(arguments_[next_++], text[0], spec);
    return Done{};
  }

  // Digits, or * for an argument; 0 if there is neither.
  Result<int> TakeNumber() {
    std::int64_t number = 0;
    if (at_ < format_.size() && format_[at_] == '*') {
      ++at_;
      const auto* argument = next_ < arguments_.size()
                                 ? std::get_if<std::int64_t>(&arguments_[next_])
                                 : nullptr;
      ++next_;
      if (argument == nullptr) {
        return Error{
            ErrorCode::kInvalidArgument, "* of printf needs an integer", {}};
      }
      number = *argument;
    }
    while (at_ < format_.size() && format_[at_] >= '0' && format_[at_] <= '9' &&
           number <= kMaxWidth) {
      number = number * 10 + (format_[at_++] - '0');
    }
    if (number > kMaxWidth || number < -kMaxWidth) {
      return Error{ErrorCode::kInvalidArgument,
                   "a width or precision of printf is too large",
                   {}};
    }
    return static_cast<int>(number);
  }

  void AddExtra() {
    out_ += "%!(EXTRA ";
    for (std::size_t i = next_; i < arguments_.size(); ++i) {
      if (i > next_) out_ += ", ";
      const std::string type = TypeName(arguments_[i]);
      out_ += type == "<nil>" ? type : type + "=" + ToText(arguments_[i]);
    }
    out_ += ')';
  }

  const std::string& format_;
  const std::vector<Value>& arguments_;
  std::size_t at_ = 0;
  std::size_t next_ = 0;  // argument
  std::string out_;
};

}  // namespace

Result<std::string> Sprintf(const std::string& format,
                            const std::vector<Value>& arguments) {
  return Printer(format, arguments).Run();
}

std::string Sprint(const std::vector<Value>& arguments) {
  std::string out;
  bool after_string = true;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const bool is_string = std::holds_alternative<std::string>(arguments[i]);
    if (i > 0 && !is_string && !after_string) out += ' ';
    out += ToText(arguments[i]);
    after_string = is_string;
  }
  return out;
}

std::string Sprintln(const std::vector<Value>& arguments) {
  std::string out;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (i > 0) out += ' ';
    out += ToText(arguments[i]);
  }
  return out + "\n";
}

}  // namespace sextant::rules
