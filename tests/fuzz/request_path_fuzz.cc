// Everything that is read from a request before any query: the first line is
// the target, the others are Accept headers.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "api/accept.h"
#include "api/list_options.h"
#include "api/metric_request.h"
#include "api/request_path.h"
#include "api/resource_request.h"
#include "sextant/auth/request_action.h"
#include "sextant/base/text.h"

namespace api = sextant::api;

// What is authorised is what is served; tests/api/request_action_test.cc has
// the rest of it.
void CheckAction(const std::string& target, const api::RequestPath& path) {
  using Kind = api::RequestPath::Kind;
  sextant::net::Request request;
  request.method = "GET";
  request.target = target;
  const sextant::model::Action action = sextant::auth::ActionOf(request);
  if (path.kind == Kind::kExplain &&
      (action.is_resource || action.path != sextant::auth::kExplainPath)) {
    std::abort();
  }
  if (path.kind == Kind::kResourceList || path.kind == Kind::kResourceItem) {
    if (!action.is_resource || action.group != path.group ||
        action.resource != path.resource ||
        action.namespace_ != path.namespace_ ||
        (path.kind == Kind::kResourceItem && action.name != path.name)) {
      std::abort();
    }
  }
  if (path.metric.empty()) return;
  const bool of_metric = action.subresource == path.metric ||
                         action.name == path.metric ||
                         action.resource == path.metric;
  if (!action.is_resource || action.group != path.group ||
      action.version != path.version || !of_metric) {
    std::abort();
  }
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  static const std::vector<api::ApiGroup> kServed = {
      {"custom.metrics.k8s.io", {"v1beta2", "v1beta1"}},
      {"external.metrics.k8s.io", {"v1beta1"}},
      {"metrics.k8s.io", {"v1", "v1beta1"}}};
  const std::string text(reinterpret_cast<const char*>(data), size);
  std::vector<std::string> lines = sextant::Split(text, '\n');
  const std::string target = lines.front();
  lines.erase(lines.begin());

  const std::size_t mark = target.find('?');
  const api::RequestPath path = api::ReadPath(target.substr(0, mark), kServed);
  const api::QueryParameters parameters(
      mark == std::string::npos ? "" : target.substr(mark + 1));
  CheckAction(target, path);
  using Kind = api::RequestPath::Kind;
  if (path.kind == Kind::kCustomMetric) {
    // What the engine relies on.
    if (path.resource.empty() || path.name.empty() || path.metric.empty() ||
        path.metric.find('/') != std::string::npos) {
      std::abort();
    }
    (void)api::ReadCustomRequest(path, parameters);
  } else if (path.kind == Kind::kExternalMetric) {
    if (path.namespace_.empty() || path.metric.empty()) std::abort();
    (void)api::ReadExternalRequest(path, parameters);
  } else if (path.kind == Kind::kResourceList ||
             path.kind == Kind::kResourceItem) {
    if (path.resource.empty()) std::abort();
    (void)api::ReadResourceRequest(path, parameters);
  }
  (void)api::ReadTimeout(parameters, std::chrono::seconds(60));
  const std::vector<api::MediaRange> accept = api::ReadAccept(lines);
  (void)api::AcceptsJson(accept);
  (void)api::ChooseGroupListForm(accept);
  return 0;
}
