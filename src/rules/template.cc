#include "template.h"

#include "template_evaluator.h"

namespace sextant::rules {

Result<Template> Template::Parse(std::string name, std::string_view text) {
  Result<std::vector<Node>> tree = ParseTemplate(text);
  if (!tree) return std::move(tree).error();
  return Template(std::move(name), text, *std::move(tree));
}

Result<std::string> Template::Render(const Record& data) const {
  return RunTemplate(tree_, text_, name_, data);
}

}  // namespace sextant::rules
