#pragma once

namespace sextant::app {

// The version in CMakeLists.txt, which is the one place where it stands.
inline constexpr const char kVersion[] = SEXTANT_VERSION;

}  // namespace sextant::app
