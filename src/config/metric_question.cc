#include "sextant/config/metric_question.h"

#include <utility>
#include <vector>

#include "sextant/base/http_text.h"
#include "sextant/base/text.h"

namespace sextant::config {
namespace {

constexpr char kCustom[] = "/apis/custom.metrics.k8s.io/v1beta2";
constexpr char kExternal[] = "/apis/external.metrics.k8s.io/v1beta1";

Error Wrong(std::string message) {
  return {ErrorCode::kInvalidArgument, std::move(message), ""};
}

// One segment of a path; a '*' needs no escape.
std::string Segment(const std::string& text) {
  return text == "*" ? text : PathSegment(text);
}

using Fields = std::vector<std::pair<std::string, std::string>>;

std::string WithQuery(std::string path, const std::string& selector,
                      const std::string& metric_selector) {
  Fields fields;
  if (!selector.empty()) fields.emplace_back("labelSelector", selector);
  if (!metric_selector.empty()) {
    fields.emplace_back("metricLabelSelector", metric_selector);
  }
  if (!fields.empty()) path += "?" + FormEncode(fields);
  return path;
}

}  // namespace

Result<std::string> QuestionPath(std::span<const std::string> words,
                                 const std::string& namespace_,
                                 const std::string& selector,
                                 const std::string& metric_selector) {
  if (words.size() != 2 || words[0].empty() || words[1].empty()) {
    return Wrong(
        "write RESOURCE/NAME METRIC, for example pods/* http_requests -n shop, "
        "or external METRIC -n NAMESPACE, or the path of the request");
  }
  const std::string metric = Segment(words[1]);
  if (words[0] == "external") {
    if (namespace_.empty()) {
      return Wrong(
          "external metrics are asked for in a namespace: add -n "
          "NAMESPACE");
    }
    if (!metric_selector.empty()) {
      return Wrong(
          "--metric-selector is for custom metrics; the selector of "
          "an external one is -l");
    }
    return WithQuery(std::string(kExternal) + "/namespaces/" +
                         Segment(namespace_) + "/" + metric,
                     selector, "");
  }
  const std::size_t slash = words[0].find('/');
  const std::string resource = words[0].substr(0, slash);
  const std::string name =
      slash == std::string::npos ? "*" : words[0].substr(slash + 1);
  if (resource.empty() || name.empty()) {
    return Wrong(GoQuote(words[0]) +
                 " is not an object; write RESOURCE/NAME or RESOURCE/*");
  }
  if (name != "*" && !selector.empty()) {
    return Wrong("-l chooses among objects, and " + GoQuote(words[0]) +
                 " is one: write " + resource + "/* or leave -l out");
  }
  std::string path = kCustom;
  if (resource == "namespaces" || resource == "namespace" || resource == "ns") {
    if (!namespace_.empty()) {
      return Wrong("a namespace lives in no other: leave -n out");
    }
    path += "/namespaces/" + Segment(name) + "/metrics/" + metric;
  } else {
    if (!namespace_.empty()) path += "/namespaces/" + Segment(namespace_);
    path += "/" + Segment(resource) + "/" + Segment(name) + "/" + metric;
  }
  return WithQuery(std::move(path), selector, metric_selector);
}

}  // namespace sextant::config
