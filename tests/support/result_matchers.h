#pragma once

#include <gmock/gmock.h>

#include <ostream>
#include <string>

#include "sextant/base/result.h"

namespace sextant {

inline void PrintTo(const Error& error, std::ostream* out) {
  *out << error.message << " (code " << static_cast<int>(error.code) << ")";
}

MATCHER(IsOk, "") {
  // Without a stream when nobody will read the explanation.
  if (!arg && result_listener->IsInterested()) {
    PrintTo(arg.error(), result_listener->stream());
  }
  return static_cast<bool>(arg);
}

// EXPECT_THAT(Parse(text), FailsWith(ErrorCode::kNotFound, HasSubstr("x")));
MATCHER_P2(FailsWith, code, message, "") {
  if (!arg && result_listener->IsInterested()) {
    PrintTo(arg.error(), result_listener->stream());
  }
  return !arg && arg.error().code == code &&
         ::testing::ExplainMatchResult(message, arg.error().message,
                                       result_listener);
}

}  // namespace sextant
