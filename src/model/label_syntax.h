#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sextant::model {

// What is wrong with a label key ("[prefix/]name") or value, in the words of
// k8s.io/apimachinery/pkg/util/validation; nothing if it is right.
std::optional<std::string> CheckLabelKey(std::string_view key);
std::optional<std::string> CheckLabelValue(std::string_view value);

}  // namespace sextant::model
