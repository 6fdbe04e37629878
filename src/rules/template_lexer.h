// The words of a template: literal text, and what stands between << and >>.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "sextant/base/result.h"
#include "template_value.h"

namespace sextant::rules {

struct Token {
  enum class Kind {
    kText,        // outside of actions, already trimmed
    kLeft,        // <<
    kRight,       // >>
    kIdentifier,  // if, eq, true
    kField,       // .Series; `text` is without the dot
    kVariable,    // $x; `text` is with the $, which may be all
    kDot,
    kLiteral,  // a number, a character or a string: `literal`
    kPipe,
    kLeftParen,
    kRightParen,
    kDeclare,  // :=
    kAssign,   // =
    kComma,
    kEnd,  // of the template
  };
  Kind kind = Kind::kEnd;
  std::size_t begin = 0;  // in the source, bytes
  std::size_t end = 0;
  bool space_before = false;  // blanks and comments of the same action
  std::string text;
  Value literal;
};

// "line 2, column 5: message"; both count from 1, columns in bytes.
Error TemplateError(std::string_view source, std::size_t at,
                    const std::string& message);

// The last token is kEnd.  Parentheses are balanced within every action.
Result<std::vector<Token>> LexTemplate(std::string_view source);

}  // namespace sextant::rules
