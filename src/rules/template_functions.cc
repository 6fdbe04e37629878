#include "template_functions.h"

#include <cstdio>
#include <string>
#include <variant>

#include "sextant/base/text.h"
#include "template_format.h"
#include "template_literal.h"

namespace sextant::rules {

namespace {

using Arguments = std::vector<Value>;

Error Fail(const std::string& message) {
  return Error{ErrorCode::kInvalidArgument, message, {}};
}

bool IsNothing(const Value& value) {
  return std::holds_alternative<Nil>(value) ||
         std::holds_alternative<NoValue>(value);
}

// --- Parts of lists, maps and strings.

Result<std::size_t> Position(const Value& index, std::size_t limit) {
  const auto* number = std::get_if<std::int64_t>(&index);
  if (number == nullptr) {
    return Fail(IsNothing(index)
                    ? "cannot index slice/array with nil"
                    : "cannot index slice/array with type " + TypeName(index));
  }
  if (*number < 0 || static_cast<std::uint64_t>(*number) > limit) {
    return Fail("index out of range: " + std::to_string(*number));
  }
  return static_cast<std::size_t>(*number);
}

Result<Value> IndexOnce(const Value& item, const Value& index) {
  if (const auto* map = std::get_if<Map>(&item)) {
    const auto* key = std::get_if<std::string>(&index);
    if (key == nullptr) {
      return Fail(IsNothing(index) ? "value is nil; should be of type string"
                                   : "value has type " + TypeName(index) +
                                         "; should be string");
    }
    const auto found = map->find(*key);
    return Value(found == map->end() ? std::string() : found->second);
  }
  const auto* list = std::get_if<List>(&item);
  const auto* text = std::get_if<std::string>(&item);
  if (list == nullptr && text == nullptr) {
    return Fail("can't index item of type " + TypeName(item));
  }
  const std::size_t size = list != nullptr ? list->size() : text->size();
  Result<std::size_t> at = Position(index, size);
  if (!at) return std::move(at).error();
  if (*at >= size) return Fail("index out of range: " + std::to_string(*at));
  if (list != nullptr) return Value((*list)[*at]);
  return Value(
      static_cast<std::int64_t>(static_cast<unsigned char>((*text)[*at])));
}

Result<Value> Index(const Arguments& arguments) {
  Value item = arguments[0];
  if (IsNothing(item)) return Fail("index of untyped nil");
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    Result<Value> part = IndexOnce(item, arguments[i]);
    if (!part) return part;
    item = *std::move(part);
  }
  return item;
}

Result<Value> Slice(const Arguments& arguments) {
  const Value& item = arguments[0];
  const auto* list = std::get_if<List>(&item);
  const auto* text = std::get_if<std::string>(&item);
  if (IsNothing(item)) return Fail("slice of untyped nil");
  if (arguments.size() > 4) {
    return Fail("too many slice indexes: " +
                std::to_string(arguments.size() - 1));
  }
  if (list == nullptr && text == nullptr) {
    return Fail("can't slice item of type " + TypeName(item));
  }
  if (text != nullptr && arguments.size() == 4) {
    return Fail("cannot 3-index slice a string");
  }
  const std::size_t size = list != nullptr ? list->size() : text->size();
  std::size_t bounds[3] = {0, size, size};
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    Result<std::size_t> at = Position(arguments[i], size);
    if (!at) return std::move(at).error();
    bounds[i - 1] = *at;
  }
  for (const int i : {0, 1}) {
    if (bounds[i] > bounds[i + 1]) {
      return Fail("invalid slice index: " + std::to_string(bounds[i]) + " > " +
                  std::to_string(bounds[i + 1]));
    }
  }
  if (text != nullptr) {
    return Value(text->substr(bounds[0], bounds[1] - bounds[0]));
  }
  const auto begin = list->begin();
  return Value(List(begin + static_cast<std::ptrdiff_t>(bounds[0]),
                    begin + static_cast<std::ptrdiff_t>(bounds[1])));
}

Result<Value> Len(const Arguments& arguments) {
  const Value& item = arguments[0];
  std::size_t size = 0;
  if (const auto* text = std::get_if<std::string>(&item)) {
    size = text->size();
  } else if (const auto* list = std::get_if<List>(&item)) {
    size = list->size();
  } else if (const auto* map = std::get_if<Map>(&item)) {
    size = map->size();
  } else {
    return Fail("len of type " + TypeName(item));
  }
  return Value(static_cast<std::int64_t>(size));
}

// --- Comparison.

bool IsBasic(const Value& value) {
  return std::holds_alternative<bool>(value) ||
         std::holds_alternative<std::int64_t>(value) ||
         std::holds_alternative<double>(value) ||
         std::holds_alternative<std::string>(value);
}

Result<bool> AreEqual(const Value& a, const Value& b) {
  if (IsNothing(a) || IsNothing(b)) return IsNothing(a) && IsNothing(b);
  for (const Value* value : {&a, &b}) {
    if (!IsBasic(*value)) {
      return Fail("non-comparable type " + ToText(*value) + ": " +
                  TypeName(*value));
    }
  }
  if (a.index() != b.index()) {
    return Fail("incompatible types for comparison: " + TypeName(a) + " and " +
                TypeName(b));
  }
  return a == b;
}

Result<bool> IsLess(const Value& a, const Value& b) {
  for (const Value* value : {&a, &b}) {
    if (!IsBasic(*value)) return Fail("invalid type for comparison");
  }
  if (a.index() != b.index()) {
    return Fail("incompatible types for comparison: " + TypeName(a) + " and " +
                TypeName(b));
  }
  if (std::holds_alternative<bool>(a)) {
    return Fail("invalid type for comparison");
  }
  return a < b;
}

// eq with several: is the first equal to any of the others?
Result<Value> Eq(const Arguments& arguments) {
  if (arguments.size() < 2) return Fail("missing argument for comparison");
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    Result<bool> same = AreEqual(arguments[0], arguments[i]);
    if (!same) return std::move(same).error();
    if (*same) return Value(true);
  }
  return Value(false);
}

Result<Value> Ne(const Arguments& arguments) {
  Result<bool> same = AreEqual(arguments[0], arguments[1]);
  if (!same) return std::move(same).error();
  return Value(!*same);
}

Result<Value> Lt(const Arguments& arguments) {
  Result<bool> less = IsLess(arguments[0], arguments[1]);
  if (!less) return std::move(less).error();
  return Value(*less);
}

Result<Value> Ge(const Arguments& arguments) {
  Result<bool> less = IsLess(arguments[0], arguments[1]);
  if (!less) return std::move(less).error();
  return Value(!*less);
}

// Not the opposite of each other when a number is NaN, but as Go has it.
Result<Value> Le(const Arguments& arguments) {
  Result<bool> less = IsLess(arguments[0], arguments[1]);
  if (!less) return std::move(less).error();
  return Value(*less || arguments[0] == arguments[1]);
}

Result<Value> Gt(const Arguments& arguments) {
  Result<Value> at_most = Le(arguments);
  if (!at_most) return at_most;
  return Value(!std::get<bool>(*at_most));
}

Result<Value> Not(const Arguments& arguments) {
  return Value(!IsTrue(arguments[0]));
}

// --- Text.

Result<Value> Print(const Arguments& arguments) {
  return Value(Sprint(arguments));
}

Result<Value> Println(const Arguments& arguments) {
  return Value(Sprintln(arguments));
}

Result<Value> Printf(const Arguments& arguments) {
  const auto* format = std::get_if<std::string>(&arguments[0]);
  if (format == nullptr) {
    return Fail("expected string; found " + ToText(arguments[0]));
  }
  Result<std::string> text =
      Sprintf(*format, Arguments(arguments.begin() + 1, arguments.end()));
  if (!text) return std::move(text).error();
  return Value(*std::move(text));
}

// The text of the arguments for the three functions that escape one.
std::string TextOf(Arguments arguments) {
  for (Value& argument : arguments) {
    if (IsNothing(argument)) argument = std::string("<no value>");
  }
  return Sprint(arguments);
}

Result<Value> Html(const Arguments& arguments) {
  std::string out;
  for (const char c : TextOf(arguments)) {
    switch (c) {
      case '"':
        out += "&#34;";
        break;
      case '\'':
        out += "&#39;";
        break;
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '\0':
        out += "\xEF\xBF\xBD";
        break;
      default:
        out += c;
    }
  }
  return Value(std::move(out));
}

bool Prints(std::string_view character) {
  return GoQuote(character).size() == character.size() + 2;
}

Result<Value> Js(const Arguments& arguments) {
  constexpr std::string_view kByCode = "<>&=";
  const std::string text = TextOf(arguments);
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const Character character =
        FirstCharacter(std::string_view(text).substr(at));
    const std::string_view bytes =
        std::string_view(text).substr(at, character.size);
    at += character.size;
    const char c = bytes[0];
    const bool ascii = character.code < 0x80;
    if (ascii && (c == '\\' || c == '\'' || c == '"')) {
      out += '\\';
      out += c;
    } else if (ascii ? c < ' ' || kByCode.find(c) != std::string_view::npos
                     : !Prints(bytes)) {
      char buffer[16];
      std::snprintf(buffer, sizeof buffer, "\\u%04X",
                    static_cast<unsigned>(character.code));
      out += buffer;
    } else {
      out += bytes;
    }
  }
  return Value(std::move(out));
}

Result<Value> UrlQuery(const Arguments& arguments) {
  return Value(FormEscape(TextOf(arguments)));
}

constexpr Function kFunctions[] = {
    {"and", 1, kAnyNumber, nullptr},
    {"eq", 1, kAnyNumber, Eq},
    {"ge", 2, 2, Ge},
    {"gt", 2, 2, Gt},
    {"html", 0, kAnyNumber, Html},
    {"index", 1, kAnyNumber, Index},
    {"js", 0, kAnyNumber, Js},
    {"le", 2, 2, Le},
    {"len", 1, 1, Len},
    {"lt", 2, 2, Lt},
    {"ne", 2, 2, Ne},
    {"not", 1, 1, Not},
    {"or", 1, kAnyNumber, nullptr},
    {"print", 0, kAnyNumber, Print},
    {"printf", 1, kAnyNumber, Printf},
    {"println", 0, kAnyNumber, Println},
    {"slice", 1, kAnyNumber, Slice},
    {"urlquery", 0, kAnyNumber, UrlQuery},
};

}  // namespace

const Function* FindFunction(std::string_view name) {
  for (const Function& function : kFunctions) {
    if (function.name == name) return &function;
  }
  return nullptr;
}

std::vector<std::string> FunctionNames() {
  std::vector<std::string> names;
  for (const Function& function : kFunctions) names.push_back(function.name);
  return names;
}

}  // namespace sextant::rules
