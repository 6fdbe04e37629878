#include "template_value.h"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <string_view>

namespace sextant::rules {

namespace {

template <typename... Fs>
struct Overloaded : Fs... {
  using Fs::operator()...;
};
template <typename... Fs>
Overloaded(Fs...) -> Overloaded<Fs...>;

}  // namespace

const Value* Record::Find(std::string_view name) const {
  for (const auto& [field, value] : fields) {
    if (field == name) return &value;
  }
  return nullptr;
}

std::string TypeName(const Value& value) {
  return std::visit(
      Overloaded{
          [](const NoValue&) -> std::string { return "<nil>"; },
          [](const Nil&) -> std::string { return "<nil>"; },
          [](bool) -> std::string { return "bool"; },
          [](std::int64_t) -> std::string { return "int"; },
          [](double) -> std::string { return "float64"; },
          [](const std::string&) -> std::string { return "string"; },
          [](const List&) -> std::string { return "[]string"; },
          [](const Map&) -> std::string { return "map[string]string"; },
          [](const Record*) -> std::string { return "struct"; },
      },
      value);
}

std::string ShortestFloat(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";

  // Scientific form gives digits and exponent, "-1.25e+20".
  char buffer[64];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value,
                                 std::chars_format::scientific)
                       .ptr;
  std::string scientific(buffer, end);
  const int exponent = std::atoi(scientific.c_str() + scientific.find('e') +
                                 1);  // NOLINT(cert-err34-c)
  // The bounds of strconv.FormatFloat(v, 'g', -1, 64).
  if (exponent < -4 || exponent >= 6) return scientific;
  const auto fixed_end = std::to_chars(buffer, buffer + sizeof buffer, value,
                                       std::chars_format::fixed)
                             .ptr;
  return std::string(buffer, fixed_end);
}

std::string ToText(const Value& value) {
  return std::visit(
      Overloaded{
          [](const NoValue&) -> std::string { return "<nil>"; },
          [](const Nil&) -> std::string { return "<nil>"; },
          [](bool b) -> std::string { return b ? "true" : "false"; },
          [](std::int64_t n) { return std::to_string(n); },
          [](double d) { return ShortestFloat(d); },
          [](const std::string& s) { return s; },
          [](const List& list) {
            std::string text = "[";
            for (const std::string& item : list) {
              if (text.size() > 1) text += ' ';
              text += item;
            }
            return text + "]";
          },
          [](const Map& map) {
            std::string text = "map[";
            bool first = true;
            for (const auto& [key, item] : map) {
              if (!first) text += ' ';
              first = false;
              text += key + ":" + item;
            }
            return text + "]";
          },
          [](const Record* record) {
            std::string text = "{";
            bool first = true;
            for (const auto& [name, item] : record->fields) {
              if (!first) text += ' ';
              first = false;
              text += ToText(item);
            }
            return text + "}";
          },
      },
      value);
}

bool IsTrue(const Value& value) {
  return std::visit(Overloaded{
                        [](const NoValue&) { return false; },
                        [](const Nil&) { return false; },
                        [](bool b) { return b; },
                        [](std::int64_t n) { return n != 0; },
                        [](double d) { return d != 0; },
                        [](const std::string& s) { return !s.empty(); },
                        [](const List& list) { return !list.empty(); },
                        [](const Map& map) { return !map.empty(); },
                        [](const Record*) { return true; },
                    },
                    value);
}

std::size_t SizeOf(const Value& value) {
  return std::visit(Overloaded{
                        [](const std::string& s) { return s.size(); },
                        [](const List& list) {
                          std::size_t size = 0;
                          for (const std::string& item : list)
                            size += item.size() + 1;
                          return size;
                        },
                        [](const Map& map) {
                          std::size_t size = 0;
                          for (const auto& [key, item] : map) {
                            size += key.size() + item.size() + 2;
                          }
                          return size;
                        },
                        [](const auto&) -> std::size_t { return 1; },
                    },
                    value);
}

}  // namespace sextant::rules
