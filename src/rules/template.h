// Go's text/template with the delimiters << and >>, as far as queries and
// labels need it: fields, variables, if, range, with, pipelines, comments, trim
// markers and the functions of template_functions.cc.
//
//   sum(<<.Series>>{<<.LabelMatchers>>}) by (<<.GroupBy>>)
//
// Everything outside of << >> is copied as it is, {{ }} and ${ }$ too.  The
// text goes through template_lexer.cc and template_parser.cc once, when the
// configuration is loaded, and its tree through template_evaluator.cc for every
// request.

#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sextant/base/result.h"
#include "template_parser.h"
#include "template_tree.h"
#include "template_value.h"

namespace sextant::rules {

// Immutable; any thread.
class Template {
 public:
  // `name` is what errors of Render call it.  The error is kInvalidArgument and
  // begins with the place: "line 1, column 3: unclosed action".
  static Result<Template> Parse(std::string name, std::string_view text);

  // Bounded in time and output.
  Result<std::string> Render(const Record& data) const;

  // See FieldsOfData().
  std::vector<FieldUse> fields_of_data() const { return FieldsOfData(tree_); }

  const std::string& text() const { return text_; }

 private:
  Template(std::string name, std::string_view text, std::vector<Node> tree)
      : name_(std::move(name)), text_(text), tree_(std::move(tree)) {}

  std::string name_;
  std::string text_;
  std::vector<Node> tree_;
};

}  // namespace sextant::rules
