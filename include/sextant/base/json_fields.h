// Reading what somebody else wrote: a field that is not there, or not what it
// should be, is empty.  Any thread.

#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

namespace sextant {

// The member `key`, or null if `value` is no object or has none.
inline const nlohmann::json* Member(const nlohmann::json& value,
                                    const char* key) {
  const auto found = value.find(key);
  return found == value.end() ? nullptr : &*found;
}

inline std::string TextOf(const nlohmann::json& value, const char* key) {
  const nlohmann::json* const member = Member(value, key);
  return member != nullptr && member->is_string() ? member->get<std::string>()
                                                  : std::string();
}

inline bool FlagOf(const nlohmann::json& value, const char* key) {
  const nlohmann::json* const member = Member(value, key);
  return member != nullptr && member->is_boolean() && member->get<bool>();
}

// The texts of a list; what is no text is left out.
inline std::vector<std::string> Texts(const nlohmann::json& list) {
  std::vector<std::string> texts;
  if (!list.is_array()) return texts;
  for (const nlohmann::json& item : list) {
    if (item.is_string()) texts.push_back(item.get<std::string>());
  }
  return texts;
}

inline std::vector<std::string> TextsOf(const nlohmann::json& value,
                                        const char* key) {
  const nlohmann::json* const member = Member(value, key);
  return member == nullptr ? std::vector<std::string>() : Texts(*member);
}

// The items of a list, in order; none if there is no such list.
inline const nlohmann::json& ItemsOf(const nlohmann::json& value,
                                     const char* key) {
  static const nlohmann::json none = nlohmann::json::array();
  const nlohmann::json* const member = Member(value, key);
  return member != nullptr && member->is_array() ? *member : none;
}

}  // namespace sextant
