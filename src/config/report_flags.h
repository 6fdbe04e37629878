// The flags of every command that reports something: how the report looks.

#pragma once

#include "flag.h"

namespace sextant::config {

inline constexpr Flag kOutputFlag = {.name = "output",
                                     .kind = FlagKind::kChoice,
                                     .value = "text|json",
                                     .initial = "text",
                                     .help = "For people, or for programs"};

inline constexpr Flag kColorFlag = {
    .name = "color",
    .kind = FlagKind::kChoice,
    .value = "auto|always|never",
    .initial = "auto",
    .help = "auto: on a terminal, unless NO_COLOR is set"};

}  // namespace sextant::config
