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

// The objects that series belong to.
Task<Result<std::set<model::ObjectRef>>> RefsFromSeries(
    backend::Backend& backend, std::string namespace_label, std::string label,
    backend::SeriesMatch match, TimePoint deadline) {
  auto refs = std::make_shared<std::set<model::ObjectRef>>();
  backend::SeriesSink sink =
      [refs, namespace_label = std::move(namespace_label),
       label = std::move(label)](const model::Labels& series) -> Result<Done> {
    const auto namespace_ = series.find(namespace_label);
    const auto name = series.find(label);
    if (namespace_ == series.end() || name == series.end()) return Done{};
    if (namespace_->second.empty() || name->second.empty()) return Done{};
    refs->insert({namespace_->second, name->second});
    return Done{};
  };
  Result<Done> read =
      co_await backend.Series(std::move(match), deadline, std::move(sink));
  if (!read) co_return std::move(read).error();
  co_return std::move(*refs);
}

Error SelectorIsNoUse(const model::ListRequest& request) {
  return {ErrorCode::kInvalidArgument,
          "labelSelector \"" + request.selector.ToString() +
              "\" cannot be used: without a cluster the labels of " +
              request.resource->plural +
              " are not known; give the objects with --standalone-objects",
          ""};
}

// A selector of series that the backend refuses is ours.
Error NotTheCallersFault(Error error) {
  if (error.code == ErrorCode::kInvalidArgument) {
    error.code = ErrorCode::kUnavailable;
  }
  return error;
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

void FixedObjectLister::ForEach(
    const model::ListRequest& request,
    const std::function<void(const Labeled::value_type&)>& take) const {
  const auto objects = objects_.find(request.resource->group_resource());
  if (objects == objects_.end()) return;
  // The objects of a namespace stand together.
  const Labeled& all = objects->second;
  const bool any = request.namespace_.empty();
  for (auto object = all.lower_bound({request.namespace_, ""});
       object != all.end() &&
       (any || object->first.namespace_ == request.namespace_);
       ++object) {
    const auto& [ref, labels] = *object;
    if (!request.name.empty() && ref.name != request.name) continue;
    if (request.selector.Matches(labels)) take(*object);
  }
}

Task<Result<std::vector<std::string>>> FixedObjectLister::List(
    const model::ListRequest& request) {
  std::vector<std::string> names;
  ForEach(request,
          [&names](const auto& object) { names.push_back(object.first.name); });
  // In order already, unless several namespaces were asked for.
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  co_return names;
}

Task<Result<std::vector<model::ObjectMetadata>>>
FixedObjectLister::ListMetadata(const model::ListRequest& request) {
  std::vector<model::ObjectMetadata> found;
  ForEach(request, [&found](const auto& object) {
    found.push_back({object.first, object.second});
  });
  co_return found;
}

LabelValueLister::LabelValueLister(backend::Backends backends, Clock& clock,
                                   Duration look_back)
    : backends_(std::move(backends)), clock_(clock), look_back_(look_back) {}

Task<Result<std::vector<std::string>>> LabelValueLister::List(
    const model::ListRequest& request) {
  if (!request.selector.empty()) co_return SelectorIsNoUse(request);
  // A metric that nobody knows has no objects.
  if (request.label.empty() || request.series.empty()) {
    co_return std::vector<std::string>();
  }
  // `request` may be gone after the first wait.
  backend::Backend& backend = backends_.Of(request.backend);
  const std::string label = request.label;
  const std::string name = request.name;
  const TimePoint deadline = request.deadline;
  const backend::SeriesMatch match = Match(request.series);
  Result<std::vector<std::string>> values =
      co_await backend.LabelValues(label, match, deadline);
  if (!values && values.error().code == ErrorCode::kInvalidArgument) {
    values = co_await ValuesFromSeries(backend, label, match, deadline);
  }
  if (!values) co_return NotTheCallersFault(std::move(values).error());
  std::set<std::string> names;
  for (std::string& value : *values) {
    if (value.empty() || (!name.empty() && value != name)) continue;
    names.insert(std::move(value));
  }
  co_return std::vector<std::string>(names.begin(), names.end());
}

Task<Result<std::vector<model::ObjectMetadata>>> LabelValueLister::ListMetadata(
    const model::ListRequest& request) {
  if (request.label.empty() || request.series.empty()) {
    co_return Error{ErrorCode::kInvalidArgument,
                    "which " + request.resource->plural +
                        " there are cannot be told from the query of the "
                        "resource rule; give them with --standalone-objects",
                    ""};
  }
  std::vector<model::ObjectMetadata> objects;
  const std::string namespace_ = request.namespace_;
  if (request.resource->namespaced && namespace_.empty()) {
    if (!request.selector.empty()) co_return SelectorIsNoUse(request);
    const std::string name = request.name;
    Result<std::set<model::ObjectRef>> refs = co_await RefsFromSeries(
        backends_.Of(request.backend), request.namespace_label, request.label,
        Match(request.series), request.deadline);
    if (!refs) co_return NotTheCallersFault(std::move(refs).error());
    for (const model::ObjectRef& ref : *refs) {
      if (name.empty() || ref.name == name) objects.push_back({ref, {}});
    }
    co_return objects;
  }
  Result<std::vector<std::string>> names = co_await List(request);
  if (!names) co_return std::move(names).error();
  for (std::string& name : *names) {
    objects.push_back({{namespace_, std::move(name)}, {}});
  }
  co_return objects;
}

backend::SeriesMatch LabelValueLister::Match(const std::string& series) const {
  const TimePoint now = clock_.Now();
  return {series, now - look_back_, now};
}

}  // namespace sextant::query
