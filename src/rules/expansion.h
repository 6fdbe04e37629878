#pragma once

#include <re2/re2.h>

#include <string>
#include <string_view>
#include <vector>

namespace sextant::rules {

// A replacement text as Go's regexp.Expand reads it: $1, ${1}, $name, ${name}
// and $$.  A name is as long as it can be ($1_x is the group "1_x"), a group
// that does not exist is empty, and a $ that begins none of these stays.
class Expansion {
 public:
  Expansion() = default;

  // Groups are those of `regex`.
  static Expansion Parse(std::string_view text, const re2::RE2& regex);

  // `groups` as RE2 fills them, the whole match first.
  std::string Expand(const std::vector<re2::StringPiece>& groups) const;

  // Could some match expand to `text`?  False is certain.
  bool MayYield(std::string_view text) const;

  // Does the text outside of references have this?
  bool HasLiteral(std::string_view text) const;

  // The largest number of a group that it uses, 0 if none.
  int highest_group() const;

  // Names of groups that do not exist, as written: "1_per_second".
  const std::vector<std::string>& unknown() const { return unknown_; }

 private:
  static constexpr int kLiteral = -1;
  struct Part {
    int group = kLiteral;
    std::string literal;
  };

  void AddLiteral(std::string_view text);

  std::vector<Part> parts_;
  std::vector<std::string> unknown_;
};

}  // namespace sextant::rules
