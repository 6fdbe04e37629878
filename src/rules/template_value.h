// What the templates of rules compute with: the few types that Go's
// text/template meets when its data is strings, a list and a map of them.

#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace sextant::rules {

// A key that a map does not have, asked for by field syntax.
struct NoValue {
  friend auto operator<=>(const NoValue&, const NoValue&) = default;
};

struct Nil {
  friend auto operator<=>(const Nil&, const Nil&) = default;
};

struct Record;

using List = std::vector<std::string>;
using Map = std::map<std::string, std::string>;
using Value = std::variant<NoValue, Nil, bool, std::int64_t, double,
                           std::string, List, Map, const Record*>;

// The data of a template: named fields in the order in which `<<.>>` prints
// them.
struct Record {
  std::vector<std::pair<std::string, Value>> fields;

  // Null if there is no such field.
  const Value* Find(std::string_view name) const;
};

// The type in Go's words, "[]string"; "<nil>" if there is none.
std::string TypeName(const Value& value);

// As Go's %v: a, map[k:v], [a b], {m [a b]}, 1e+06; "<nil>" for Nil and
// NoValue.
std::string ToText(const Value& value);

// Is it anything but empty, zero, false or nothing?
bool IsTrue(const Value& value);

// Roughly how many bytes it holds.
std::size_t SizeOf(const Value& value);

// A float as Go's %g with the fewest digits that give the number back.
std::string ShortestFloat(double value);

}  // namespace sextant::rules
