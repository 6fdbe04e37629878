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

// What the API server calls metadata, as far as we show it.
struct ObjectMetadata {
  ObjectRef ref;
  Labels labels;

  friend bool operator==(const ObjectMetadata&,
                         const ObjectMetadata&) = default;
};

// Which objects are wanted.
struct ListRequest {
  const Resource* resource = nullptr;  // of a table that outlives the call
  std::string namespace_;              // empty: all of them, or cluster-scoped
  std::string name;                    // empty: any
  Selector selector;

  // For listers that know objects only from the backend: the label that holds
  // the object's name, the one that holds its namespace (empty: none), and the
  // series that carry them, as a PromQL selector.
  std::string label;
  std::string namespace_label;
  std::string series;
  std::string backend = "default";  // the name of the one that has them

  TimePoint deadline;
};

// Where objects come from: watched metadata of the
// API server, a file, or the label values that the backend has.
class ObjectLister {
 public:
  virtual ~ObjectLister() = default;

  // Names, ascending, each once.  Loop only.  kInvalidArgument: this lister
  // cannot honour the selector; the message says what would.
  virtual Task<Result<std::vector<std::string>>> List(
      const ListRequest& request) = 0;

  // The objects themselves, ascending by namespace and name, each once.  Loop
  // only; errors as of List().  A lister that knows no labels gives objects
  // without, and refuses a selector.
  virtual Task<Result<std::vector<ObjectMetadata>>> ListMetadata(
      const ListRequest& request) = 0;
};

}  // namespace sextant::model
