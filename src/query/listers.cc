#include "sextant/query/listers.h"

#include <algorithm>
#include <memory>
#include <set>
#include <utility>

namespace sextant::query {
namespace {

// For backends without match[] on label endpoints: reads the series and keeps
// the values of the label.
Task<Result<std::vector<std::string>>> ValuesFromSeries(
    backend::Backend& backend, std::string label, backend::SeriesMatch match,
    TimePoint deadline) {
  auto values = std::make_shared<std::set<std::string>>();
  backend::SeriesSink sink = [values, label = std::move(label)](
                                 const model::Labels& series) -> Result<Done> {
    const auto value = series.find(label);
    if (value != series.end()) values->insert(value->second);
    return Done{};
  };
  Result<Done> read =
      co_await backend.Series(std::move(match), deadline, std::move(sink));
  if (!read) co_return std::move(read).error();
  co_return std::vector<std::string>(values->begin(), values->end());
}

}  // namespace

FixedObjectLister::FixedObjectLister(std::vector<Object> objects) {
  Replace(std::move(objects));
}

void FixedObjectLister::Replace(std::vector<Object> objects) {
  objects_.clear();
  for (Object& object : objects) {
    objects_[std::move(object.resource)].insert_or_assign(
        std::move(object.ref), std::move(object.labels));
  }
}

Task<Result<std::vector<std::string>>> FixedObjectLister::List(
    const model::ListRequest& request) {
  std::vector<std::string> names;
  const auto objects = objects_.find(request.resource->group_resource());
  if (objects != objects_.end()) {
    // The objects of a namespace stand together.
    const auto& all = objects->second;
    const bool any = request.namespace_.empty();
    for (auto object = all.lower_bound({request.namespace_, ""});
         object != all.end() &&
         (any || object->first.namespace_ == request.namespace_);
         ++object) {
      const auto& [ref, labels] = *object;
      if (request.selector.Matches(labels)) names.push_back(ref.name);
    }
  }
  // In order already, unless several namespaces were asked for.
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  co_return names;
}

LabelValueLister::LabelValueLister(backend::Backend& backend, Clock& clock,
                                   Duration look_back)
    : backend_(backend), clock_(clock), look_back_(look_back) {}

Task<Result<std::vector<std::string>>> LabelValueLister::List(
    const model::ListRequest& request) {
  if (!request.selector.empty()) {
    co_return Error{
        ErrorCode::kInvalidArgument,
        "labelSelector \"" + request.selector.ToString() +
            "\" cannot be used: "
            "without a cluster the labels of " +
            request.resource->plural +
            " are not known; give the objects with --standalone-objects",
        ""};
  }
  // A metric that nobody knows has no objects.
  if (request.label.empty() || request.series.empty()) {
    co_return std::vector<std::string>();
  }
  // `request` may be gone after the first wait.
  const std::string label = request.label;
  const TimePoint deadline = request.deadline;
  const TimePoint now = clock_.Now();
  const backend::SeriesMatch match{request.series, now - look_back_, now};
  Result<std::vector<std::string>> values =
      co_await backend_.LabelValues(label, match, deadline);
  if (!values && values.error().code == ErrorCode::kInvalidArgument) {
    values = co_await ValuesFromSeries(backend_, label, match, deadline);
  }
  if (!values) {
    Error error = std::move(values).error();
    // The caller did nothing wrong.
    if (error.code == ErrorCode::kInvalidArgument) {
      error.code = ErrorCode::kUnavailable;
    }
    co_return error;
  }
  std::set<std::string> names(values->begin(), values->end());
  names.erase("");
  co_return std::vector<std::string>(names.begin(), names.end());
}

}  // namespace sextant::query
