// The key `stackdriver` of the configuration.

#pragma once

#include <optional>

#include "config_fields.h"
#include "sextant/config/metrics_config.h"

namespace sextant::config {

// `out` must outlive the field.
Field StackdriverField(std::optional<Stackdriver>& out);

}  // namespace sextant::config
