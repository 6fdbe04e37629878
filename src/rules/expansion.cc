#include "expansion.h"

#include <algorithm>
#include <map>

namespace sextant::rules {

namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool IsNameByte(char c) {
  return IsDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         c == '_' || static_cast<unsigned char>(c) >= 0x80;
}

// What begins behind a $: the name, and how many bytes it and its braces take;
// none if it is no name.
struct Reference {
  std::string_view name;
  std::size_t size = 0;
};

Reference ReadReference(std::string_view text) {
  const bool brace = text.starts_with("{");
  const std::string_view from = text.substr(brace ? 1 : 0);
  const auto end = std::find_if_not(from.begin(), from.end(), IsNameByte);
  const std::string_view name =
      from.substr(0, static_cast<std::size_t>(end - from.begin()));
  if (name.empty()) return {};
  if (!brace) return {name, name.size()};
  if (!from.substr(name.size()).starts_with("}")) return {};
  return {name, name.size() + 2};
}

// The number that a name is; -1 if it is none ("01" is a name to Go).
int NumberOf(std::string_view name) {
  constexpr std::size_t kMaxDigits = 8;
  const bool digits = std::all_of(name.begin(), name.end(), IsDigit);
  if (!digits || name.size() > kMaxDigits) return -1;
  if (name.size() > 1 && name[0] == '0') return -1;
  int number = 0;
  for (const char c : name) number = number * 10 + (c - '0');
  return number;
}

}  // namespace

Expansion Expansion::Parse(std::string_view text, const re2::RE2& regex) {
  Expansion expansion;
  while (true) {
    const std::size_t dollar = text.find('$');
    expansion.AddLiteral(text.substr(0, dollar));
    if (dollar == std::string_view::npos) return expansion;
    text.remove_prefix(dollar + 1);
    if (text.starts_with("$")) {
      expansion.AddLiteral("$");
      text.remove_prefix(1);
      continue;
    }
    const Reference reference = ReadReference(text);
    if (reference.size == 0) {
      expansion.AddLiteral("$");
      continue;
    }
    text.remove_prefix(reference.size);
    int group = NumberOf(reference.name);
    const std::string name(reference.name);
    if (group < 0) {
      const auto& names = regex.NamedCapturingGroups();
      const auto found = names.find(name);
      if (found != names.end()) group = found->second;
    }
    if (group < 0 || group > regex.NumberOfCapturingGroups()) {
      expansion.unknown_.push_back(name);
    } else {
      expansion.parts_.push_back({group, {}});
    }
  }
}

void Expansion::AddLiteral(std::string_view text) {
  if (text.empty()) return;
  if (!parts_.empty() && parts_.back().group == kLiteral) {
    parts_.back().literal += text;
  } else {
    parts_.push_back({kLiteral, std::string(text)});
  }
}

std::string Expansion::Expand(
    const std::vector<re2::StringPiece>& groups) const {
  std::string out;
  for (const Part& part : parts_) {
    if (part.group == kLiteral) {
      out += part.literal;
    } else {
      const re2::StringPiece& group =
          groups[static_cast<std::size_t>(part.group)];
      out.append(group.data(), group.size());
    }
  }
  return out;
}

bool Expansion::MayYield(std::string_view text) const {
  // A wildcard match whose stars are the groups: between two stars, taking a
  // literal at its first place is never worse than at a later one.
  bool anything = false;
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    const Part& part = parts_[i];
    if (part.group != kLiteral) {
      anything = true;
      continue;
    }
    if (!anything) {
      if (!text.starts_with(part.literal)) return false;
      text.remove_prefix(part.literal.size());
    } else if (i + 1 == parts_.size()) {
      return text.ends_with(part.literal);
    } else {
      const std::size_t found = text.find(part.literal);
      if (found == std::string_view::npos) return false;
      text.remove_prefix(found + part.literal.size());
      anything = false;
    }
  }
  return anything || text.empty();
}

bool Expansion::HasLiteral(std::string_view text) const {
  return std::any_of(parts_.begin(), parts_.end(), [text](const Part& part) {
    return part.literal.find(text) != std::string::npos;
  });
}

int Expansion::highest_group() const {
  int highest = 0;
  for (const Part& part : parts_) highest = std::max(highest, part.group);
  return highest;
}

}  // namespace sextant::rules
