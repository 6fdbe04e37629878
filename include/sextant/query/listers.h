// Where objects come from when there is no cluster.

#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "sextant/backend/backends.h"
#include "sextant/base/clock.h"
#include "sextant/model/object.h"

namespace sextant::query {

// Objects that were read from a file.
class FixedObjectLister final : public model::ObjectLister {
 public:
  struct Object {
    model::GroupResource resource;
    model::ObjectRef ref;
    model::Labels labels;
  };

  explicit FixedObjectLister(std::vector<Object> objects);

  // Other objects, from now on.
  void Replace(std::vector<Object> objects);

  Task<Result<std::vector<std::string>>> List(
      const model::ListRequest& request) override;
  Task<Result<std::vector<model::ObjectMetadata>>> ListMetadata(
      const model::ListRequest& request) override;

 private:
  using Labeled = std::map<model::ObjectRef, model::Labels>;

  // Calls `take` with each object that fits, in order.
  void ForEach(
      const model::ListRequest& request,
      const std::function<void(const Labeled::value_type&)>& take) const;

  std::map<model::GroupResource, Labeled> objects_;
};

// Objects known by the values that the backend has for their label.  Knows no
// object's labels: a request with a selector is kInvalidArgument, and the
// message names --standalone-objects.  Without a label or series to look at
// List() finds no objects, and ListMetadata() is kInvalidArgument.
class LabelValueLister final : public model::ObjectLister {
 public:
  // `look_back`: how far back a series counts.  The
  // backends and the clock must outlive this object.
  LabelValueLister(backend::Backends backends, Clock& clock,
                   Duration look_back);

  Task<Result<std::vector<std::string>>> List(
      const model::ListRequest& request) override;
  Task<Result<std::vector<model::ObjectMetadata>>> ListMetadata(
      const model::ListRequest& request) override;

 private:
  backend::SeriesMatch Match(const std::string& series) const;

  const backend::Backends backends_;
  Clock& clock_;
  const Duration look_back_;
};

}  // namespace sextant::query
