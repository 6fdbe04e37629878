#pragma once

#include <functional>
#include <memory>
#include <string>

#include "collection.h"
#include "object_store.h"
#include "sextant/base/clock.h"
#include "sextant/base/result.h"
#include "sextant/base/task.h"
#include "sextant/kube/client.h"

namespace sextant::kube {

struct Listing {
  std::shared_ptr<ObjectStore> store;
  std::string resource_version;  // where a watch goes on
};

// Lists a collection, or what of it has this name and fits this selector (both
// may be empty).
//
// In pages of 500, each read as it arrives.  Pages hang together by a token
// that the API server forgets after some minutes; the list then begins again,
// in one piece.  A page that fails for a reason that may pass is asked for
// again, as Client::Send() would, within `deadline`.  Errors are those of
// ListErrorOf() and of Client::Stream().  `client` and `clock` must outlive the
// Task; `jitter` is as of Client::Options.
Task<Result<Listing>> ListObjects(Client& client, Clock& clock,
                                  std::function<double()> jitter,
                                  Collection collection, std::string selector,
                                  std::string name, TimePoint deadline);

}  // namespace sextant::kube
