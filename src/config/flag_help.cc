#include "flag_help.h"

#include <vector>

#include "sextant/base/text.h"

namespace sextant::config {

namespace {

constexpr std::size_t kWidth = 79;
constexpr std::size_t kTextColumn = 36;

std::string HelpOf(const Flag& flag) {
  std::string name = "  ";
  if (flag.name.size() == 1) {
    name += "-" + std::string(flag.name) + ", --" + Written(flag).substr(1);
  } else if (!flag.letter.empty()) {
    name += "-" + std::string(flag.letter) + ", " + Written(flag);
  } else {
    name += Written(flag);
  }
  // At least two blanks between them.
  if (name.size() + 2 > kTextColumn) {
    name += "\n" + std::string(kTextColumn, ' ');
  } else {
    name.resize(kTextColumn, ' ');
  }
  std::string text(flag.help);
  if (!flag.initial.empty()) {
    text += " (default " + std::string(flag.initial) + ")";
  }
  return name + Wrapped(text, kTextColumn, kTextColumn);
}

}  // namespace

std::string Wrapped(std::string_view text, std::size_t at, std::size_t indent) {
  std::string wrapped;
  std::size_t column = at;
  bool first_of_line = true;
  for (const std::string& word : Split(text, ' ')) {
    if (!first_of_line && column + 1 + word.size() > kWidth) {
      wrapped += "\n" + std::string(indent, ' ');
      column = indent;
      first_of_line = true;
    }
    if (!first_of_line) {
      wrapped += " ";
      ++column;
    }
    wrapped += word;
    column += word.size();
    first_of_line = false;
  }
  return wrapped + "\n";
}

std::string HelpOf(const FlagGroup& group) {
  std::string text = std::string(group.title) + ":\n";
  for (const Flag& flag : group.flags) {
    if (flag.fate == FlagFate::kActs) text += HelpOf(flag);
  }
  return text;
}

}  // namespace sextant::config
