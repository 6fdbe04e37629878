#pragma once

#include <string>

namespace sextant::model {

// What a request does, as Kubernetes' authorization sees it (ResourceAttributes
// and NonResourceAttributes of a SubjectAccessReview).
struct Action {
  std::string verb;              // "get", "list", "watch", ...
  bool is_resource = false;      // else only `path` counts
  std::string group = {};        // "custom.metrics.k8s.io"
  std::string version = {};      // "v1beta1"
  std::string resource = {};     // "pods"
  std::string subresource = {};  // "http_requests"
  std::string namespace_ = {};   // empty: cluster-scoped, or all of them
  std::string name = {};         // "web-0"; empty: any
  std::string path = {};         // "/apis", without query

  friend bool operator==(const Action&, const Action&) = default;
};

}  // namespace sextant::model
