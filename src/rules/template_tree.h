// A template as a tree.  Every node knows the bytes of the source it stands
// for, so that an error can quote them.

#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "template_value.h"

namespace sextant::rules {

struct Pipeline;

struct Operand {
  enum class Kind {
    kDot,
    kNil,
    kLiteral,
    kField,        // .a.b: `fields` of dot
    kVariable,     // $x.a: `fields` of `name`
    kFunction,     // eq
    kParenthesis,  // (...).a: `fields` of `inner`
  };
  Kind kind = Kind::kDot;
  std::string name;
  std::vector<std::string> fields;
  Value literal;
  std::unique_ptr<Pipeline> inner;
  std::size_t begin = 0;
  std::size_t end = 0;
};

// A function and its arguments, or one value.
struct Command {
  std::vector<Operand> words;  // at least one
  std::size_t begin = 0;
  std::size_t end = 0;
};

// a | b | c: each command gets the value of the one before as last argument.
struct Pipeline {
  std::vector<std::string> variables;  // "$k", "$v" of `$k, $v := ...`
  bool assigns = false;                // = instead of :=
  std::vector<Command> commands;       // at least one
};

struct Node {
  enum class Kind { kText, kAction, kIf, kRange, kWith, kBreak, kContinue };
  Kind kind = Kind::kText;
  std::string text;
  Pipeline pipeline;
  std::vector<Node> body;
  std::vector<Node> otherwise;
};

}  // namespace sextant::rules
