#include "given_flags.h"

#include <utility>

#include "flag_value.h"
#include "sextant/base/time_text.h"

namespace sextant::config {

namespace {

// One argument, taken apart.
struct Argument {
  const Flag* flag = nullptr;        // null: none of ours
  std::optional<std::string> value;  // nothing: it is the next argument
};

const Flag* FindLetter(std::span<const FlagGroup> groups,
                       std::string_view letter) {
  for (const FlagGroup& group : groups) {
    for (const Flag& flag : group.flags) {
      if (flag.letter == letter) return &flag;
    }
  }
  return nullptr;
}

Argument ReadArgument(const std::string& argument,
                      std::span<const FlagGroup> known) {
  Argument read;
  if (argument.starts_with("--")) {
    const std::size_t equals = argument.find('=');
    read.flag =
        FindFlag(known, std::string_view(argument).substr(0, equals).substr(2));
    if (equals != std::string::npos) read.value = argument.substr(equals + 1);
    return read;
  }
  if (argument.size() < 2 || argument[0] != '-') return {};
  read.flag = FindLetter(known, std::string_view(argument).substr(1, 1));
  if (argument.size() == 2) return read;
  // -v=4 and -v4; several switches behind one dash are not wanted.
  const bool equals = argument[2] == '=';
  if (!equals && read.flag != nullptr && read.flag->kind == FlagKind::kSwitch) {
    return {};
  }
  read.value = argument.substr(equals ? 3 : 2);
  return read;
}

}  // namespace

GivenFlags GivenFlags::Take(std::span<const std::string> arguments,
                            std::span<const FlagGroup> known,
                            std::vector<std::string>& rest,
                            Complaints& complaints) {
  GivenFlags given;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i] == "--") {
      rest.insert(rest.end(),
                  arguments.begin() + static_cast<std::ptrdiff_t>(i),
                  arguments.end());
      break;
    }
    Argument argument = ReadArgument(arguments[i], known);
    if (argument.flag == nullptr) {
      rest.push_back(arguments[i]);
      continue;
    }
    if (argument.value) {
      given.Add(*argument.flag, *argument.value);
    } else if (argument.flag->kind == FlagKind::kSwitch) {
      given.Add(*argument.flag, "true");
    } else if (i + 1 < arguments.size() &&
               !arguments[i + 1].starts_with("--")) {
      given.Add(*argument.flag, arguments[++i]);
    } else {
      complaints.Add(Dashed(*argument.flag) + ": its value is missing; write " +
                     Written(*argument.flag));
    }
  }
  return given;
}

void GivenFlags::Add(const Flag& flag, const std::string& value) {
  std::vector<std::string>& values = values_[flag.name];
  if (values.empty()) flags_.push_back(&flag);
  values.push_back(value);
}

void GivenFlags::CheckValues(Complaints& complaints) {
  std::vector<const Flag*> good;
  for (const Flag* const flag : flags_) {
    bool wrong = false;
    for (const std::string& value : values_[flag->name]) {
      if (const std::optional<std::string> why = WrongValue(*flag, value)) {
        complaints.Add(Dashed(*flag) + ": " + *why);
        wrong = true;
      }
    }
    if (wrong) {
      values_.erase(flag->name);
    } else {
      good.push_back(flag);
    }
  }
  flags_ = std::move(good);
}

std::vector<std::string> GivenFlags::All(std::string_view name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? std::vector<std::string>() : found->second;
}

std::string GivenFlags::Text(std::string_view name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? "" : found->second.back();
}

void GivenFlags::Read(std::string_view name, std::string& value) const {
  if (Has(name)) value = Text(name);
}

void GivenFlags::Read(std::string_view name, bool& value) const {
  if (Has(name)) value = *ReadSwitch(Text(name));
}

void GivenFlags::Read(std::string_view name, Duration& value) const {
  if (Has(name)) value = *ParseGoDuration(Text(name));
}

void GivenFlags::Read(std::string_view name,
                      std::vector<std::string>& list) const {
  if (!Has(name)) return;
  list.clear();
  for (const std::string& value : All(name)) {
    const std::vector<std::string> more = *ReadList(value);
    list.insert(list.end(), more.begin(), more.end());
  }
}

std::int64_t GivenFlags::Integer(std::string_view name) const {
  return *config::ReadInteger(Text(name));
}

}  // namespace sextant::config
