#pragma once

#include <string>
#include <vector>

#include "sextant/base/clock.h"
#include "sextant/base/result.h"
#include "sextant/model/labels.h"
#include "sextant/model/resource.h"
#include "sextant/model/selector.h"

namespace sextant::model {

// One object of a cluster, as far as a metric needs to know it.
struct ObjectRef {
  std::string namespace_;  // empty: cluster-scoped
  std::string name;

  friend auto operator<=>(const ObjectRef&, const ObjectRef&) = default;
};

// What a wildcard request asks for.
struct ListRequest {
  const Resource* resource = nullptr;  // of a table that outlives the call
  std::string namespace_;              // empty: all of them, or cluster-scoped
  Selector selector;

  // For listers that know objects only from the backend: the label that holds
  // the object's name, and the series that carry it, as a PromQL selector.
  std::string label;
  std::string series;

  TimePoint deadline;
};

// Where the objects of a wildcard request come from: watched metadata of the
// API server, a file, or the label values that the backend has.
class ObjectLister {
 public:
  virtual ~ObjectLister() = default;

  // Names, ascending, each once.  Loop only.  kInvalidArgument: this lister
  // cannot honour the selector; the message says what would.
  virtual Task<Result<std::vector<std::string>>> List(
      const ListRequest& request) = 0;
};

}  // namespace sextant::model
