// What --standalone puts in the place of the API server.

#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sextant/api/service.h"
#include "sextant/base/result.h"
#include "sextant/config/standalone.h"
#include "sextant/model/resource.h"
#include "sextant/query/listers.h"

namespace sextant::app {

// The objects of a --standalone-objects file as a lister wants them.  An error
// names an object whose kind `resources` does not have.
Result<std::vector<query::FixedObjectLister::Object>> PlaceObjects(
    const std::vector<config::StandaloneObject>& objects,
    const model::ResourceTable& resources);

// Nobody is authenticated in standalone mode, so nobody but this machine may
// come in: any other peer is refused.
api::Gate LoopbackGate();

}  // namespace sextant::app
