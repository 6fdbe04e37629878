#include "collection.h"

#include <utility>
#include <vector>

#include "sextant/base/text.h"

namespace sextant::kube {
namespace {

constexpr char kListAccept[] =
    "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,"
    "application/json";
constexpr char kWatchAccept[] =
    "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,"
    "application/json";

std::string PathSegment(const std::string& text) {
  std::string segment;
  for (const char c : FormEscape(text)) {
    if (c == '+') {
      segment += "%20";
    } else {
      segment += c;
    }
  }
  return segment;
}

// As EscapeValue of k8s.io/apimachinery (pkg/fields).
std::string FieldValue(const std::string& text) {
  std::string value;
  for (const char c : text) {
    if (c == '\\' || c == ',' || c == '=') value += '\\';
    value += c;
  }
  return value;
}

using Fields = std::vector<std::pair<std::string, std::string>>;

std::string PathOf(const Collection& collection, const Fields& fields) {
  std::string path =
      collection.group.empty() ? "/api/" : "/apis/" + collection.group + "/";
  path += collection.version;
  if (collection.IsOneNamespace()) {
    path += "/namespaces/" + PathSegment(collection.namespace_);
  }
  path += "/" + collection.plural;
  if (!fields.empty()) path += "?" + FormEncode(fields);
  return path;
}

}  // namespace

Collection Collection::Of(const model::ListRequest& request) {
  const model::Resource& resource = *request.resource;
  Collection collection{resource.group, resource.version, resource.plural,
                        resource.namespaced, ""};
  if (resource.namespaced) collection.namespace_ = request.namespace_;
  return collection;
}

Collection Collection::InAllNamespaces() const {
  Collection all = *this;
  all.namespace_.clear();
  return all;
}

std::string Collection::ResourceText() const {
  return model::GroupResource{group, plural}.ToString();
}

std::string Collection::ToString() const {
  std::string text = ResourceText();
  if (IsOneNamespace()) {
    text += " in namespace \"" + namespace_ + "\"";
  } else if (namespaced) {
    text += " in all namespaces";
  }
  return text;
}

Request ListRequestOf(const Collection& collection, const PageRequest& page) {
  Fields fields;
  if (!page.selector.empty()) {
    fields.emplace_back("labelSelector", page.selector);
  }
  if (!page.name.empty()) {
    fields.emplace_back("fieldSelector",
                        "metadata.name=" + FieldValue(page.name));
  }
  if (page.limit > 0) {
    fields.emplace_back("limit", std::to_string(page.limit));
  }
  if (!page.continue_token.empty()) {
    fields.emplace_back("continue", page.continue_token);
  }
  Request request;
  request.path = PathOf(collection, fields);
  request.accept = kListAccept;
  return request;
}

Request WatchRequestOf(const Collection& collection,
                       const std::string& resource_version,
                       std::chrono::seconds timeout) {
  Request request;
  request.path =
      PathOf(collection, {{"watch", "true"},
                          {"allowWatchBookmarks", "true"},
                          {"resourceVersion", resource_version},
                          {"timeoutSeconds", std::to_string(timeout.count())}});
  request.accept = kWatchAccept;
  return request;
}

bool IsPossibleName(const std::string& name) {
  // As IsValidPathSegmentName of k8s.io/apimachinery (pkg/api/validation/path).
  return name != "." && name != ".." &&
         name.find_first_of("/%") == std::string::npos;
}

std::string RuleFor(const Collection& collection) {
  return "- {apiGroups: [\"" + collection.group + "\"], resources: [\"" +
         collection.plural + "\"], verbs: [\"list\", \"watch\"]}";
}

Error ListErrorOf(const Reply& reply, const Collection& collection) {
  Error error = ErrorOf(reply, "listing " + collection.ToString());
  if (error.code == ErrorCode::kDeadlineExceeded) return error;
  error.code = ErrorCode::kUnavailable;
  if (reply.status == 403) {
    return {ErrorCode::kPermissionDenied,
            "sextant may not list " + collection.ToString() +
                "; its ClusterRole needs the rule " + RuleFor(collection),
            error.message};
  }
  if (reply.status == 404) {
    return {ErrorCode::kUnavailable,
            "the API server has no resource " + collection.ResourceText() +
                " of version " + collection.version +
                "; was its CustomResourceDefinition or APIService removed?",
            error.message};
  }
  return error;
}

}  // namespace sextant::kube
