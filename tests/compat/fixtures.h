// What the vectors file describes once and many of its groups use.

#pragma once

#include <memory>

#include "sextant/model/resource.h"

namespace sextant::compat {

// fixtures.rest_mapper: the resources that every recorded conversion between
// labels and resources was made with.
std::shared_ptr<const model::ResourceTable> RestMapper();

}  // namespace sextant::compat
