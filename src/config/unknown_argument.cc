#include "unknown_argument.h"

#include <algorithm>
#include <optional>

#include "sextant/base/text.h"

namespace sextant::config {

namespace {

std::vector<std::string> NamesOf(std::span<const FlagGroup> groups) {
  std::vector<std::string> names;
  for (const FlagGroup& group : groups) {
    for (const Flag& flag : group.flags) {
      // Nobody means what does nothing.
      if (flag.fate == FlagFate::kActs) {
        names.emplace_back(flag.name);
      }
    }
  }
  return names;
}

std::string DescribeFlag(const std::string& flag,
                         std::span<const FlagGroup> known,
                         const std::vector<std::string>& names) {
  const std::string text = "unknown flag: " + flag;
  std::string name =
      flag.substr(std::min(flag.find_first_not_of('-'), flag.size()));
  std::replace(name.begin(), name.end(), '_', '-');
  if (const Flag* const meant = FindFlag(known, name)) {
    return text + "; write " + Written(*meant);
  }
  // Of one or two letters any word is near, and of a long text none.
  constexpr std::size_t kLongest = 64;
  std::optional<std::string> near;
  if (name.size() > 2 && name.size() <= kLongest) {
    near = NearestWord(name, names);
  }
  if (near) {
    return text + "; did you mean " + Dashed(*FindFlag(known, *near)) + "?";
  }
  return text + "; --help lists the flags";
}

}  // namespace

void ComplainOfUnknown(const std::vector<std::string>& arguments,
                       std::span<const FlagGroup> known,
                       Complaints& complaints) {
  const std::vector<std::string> names = NamesOf(known);
  bool after_flag = false;
  for (const std::string& argument : arguments) {
    if (argument.size() > 1 && argument[0] == '-' && argument != "--") {
      const std::size_t equals = argument.find('=');
      complaints.Add(DescribeFlag(argument.substr(0, equals), known, names));
      after_flag = equals == std::string::npos;
      continue;
    }
    // Most likely the value of that flag.
    if (!after_flag) {
      const bool switched = argument == "true" || argument == "false";
      complaints.Add("unexpected argument " + GoQuote(argument) +
                     (switched ? "; write --FLAG=" + argument : ""));
    }
    after_flag = false;
  }
}

}  // namespace sextant::config
