#include "compat/deviations.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <utility>

#include "compat/fixtures.h"
#include "compat/replay.h"
#include "sextant/base/text.h"

namespace sextant::compat {

namespace {

bool UsesAnotherFile() { return std::getenv("SEXTANT_VECTORS") != nullptr; }

// What we answer to one part of a case; nothing: as recorded.
using Ours = std::optional<std::string>;

constexpr char kMeta[] = "\\.+*?()|[]{}^$";

std::string Replaced(std::string text, const std::string& from,
                     const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos;
       at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

// Names as a regular expression that matches just them.
std::string EscapedNames(const YAML::Node& names) {
  std::string escaped;
  for (const YAML::Node& name : names) {
    if (!escaped.empty()) escaped += '|';
    for (const char c : name.Scalar()) {
      if (std::string(kMeta).find(c) != std::string::npos) escaped += '\\';
      escaped += c;
    }
  }
  return escaped;
}

bool HasSeveralNamesOneWithMeta(const YAML::Node& one_case) {
  const YAML::Node names = one_case["names"];
  if (!names.IsDefined() || names.size() < 2) return false;
  for (const YAML::Node& name : names) {
    if (name.Scalar().find_first_of(kMeta) != std::string::npos) return true;
  }
  return false;
}

Ours MatchersWithEscapedNames(const YAML::Node& one_case,
                              const std::string& what) {
  if (what != "matchers") return {};
  return "namespace=\"ns\",pod=~" + GoQuote(EscapedNames(one_case["names"]));
}

bool NamesAPseudoResource(const YAML::Node& one_case) {
  const std::string resource = Text(one_case, "resource");
  return resource == "lists" || resource.ends_with("lists");
}

Ours NoResource(const YAML::Node&, const std::string&) { return "none"; }

bool HasTwoLabelsForOneResource(const YAML::Node& one_case) {
  std::set<std::string> seen;
  const YAML::Node overrides = one_case["overrides"];
  if (!overrides.IsDefined() || !overrides.IsMap()) return false;
  for (const auto& entry : overrides) {
    if (!seen.insert(entry.second.Scalar()).second) return true;
  }
  return false;
}

Ours FirstLabelOfTheFile(const YAML::Node& one_case, const std::string&) {
  for (const auto& entry : one_case["overrides"]) {
    if (entry.second.Scalar() == Text(one_case, "resource")) {
      return entry.first.Scalar();
    }
  }
  return {};
}

bool IsUnreadableReply(const YAML::Node& one_case) {
  const std::string result = Text(one_case, "result");
  return result.starts_with("error: bad_response: invalid character") ||
         result == "error: unexpected end of JSON input";
}

Ours WhatIsUnreadable(const YAML::Node& one_case, const std::string&) {
  const bool json = Text(one_case, "body").starts_with("{");
  return json ? "error: bad_response: the reply has no data"
              : "error: bad_response: not JSON: syntax error";
}

bool IsErrorBehindAnUnreadStatus(const YAML::Node& one_case) {
  return Text(one_case, "result").find("unknown response code") !=
             std::string::npos &&
         Text(one_case, "body").find("errorType") != std::string::npos;
}

Ours ErrorOfTheBody(const YAML::Node& one_case, const std::string&) {
  const YAML::Node body = YAML::Load(Text(one_case, "body"));
  return "error: " + Text(body, "errorType") + ": " + Text(body, "error");
}

bool IsAboutParameters(const YAML::Node& one_case) {
  return Has(one_case, "params");
}

Ours ParametersWithTimeout(const YAML::Node&, const std::string& what) {
  if (what != "parameters") return {};
  return "query time timeout ";
}

bool IsAGetOfAUrlWithParameters(const YAML::Node& one_case) {
  return Text(one_case, "base_url").find('?') != std::string::npos &&
         Text(one_case, "wire").starts_with("GET ");
}

Ours UrlKeepsItsParameters(const YAML::Node& one_case,
                           const std::string& what) {
  if (what != "wire") return {};
  const std::string base = Text(one_case, "base_url");
  std::string wire = Text(one_case, "wire");
  return wire.insert(wire.find('?') + 1, base.substr(base.find('?') + 1) + "&");
}

bool IsAboutARelist(const YAML::Node& one_case) {
  return Text(one_case, "effect").starts_with("whole relist fails");
}

// As the test's world is: node metrics a1 and b1, then also a2 and b2.
Ours TheOtherRuleIsListed(const YAML::Node& one_case, const std::string&) {
  const bool null =
      Text(one_case, "case").find("data: null") != std::string::npos;
  return null ? "a1 a2; no error"
              : "a1 a2 b1; bad_response: unknown response code 500";
}

bool IsAListing(const YAML::Node& one_case) { return Has(one_case, "listing"); }

// "pods/m namespaced=true"
Ours ListingWithTrueScopes(const YAML::Node& one_case, const std::string&) {
  const auto resources = RestMapper();
  YAML::Node lines;
  for (const YAML::Node& line : one_case["listing"]) {
    const std::string text = line.Scalar();
    const model::Resource* resource = resources->Find(
        model::GroupResource::Parse(text.substr(0, text.find('/'))));
    if (resource == nullptr) return {};
    lines.push_back(text.substr(0, text.find('=') + 1) +
                    (resource->namespaced ? "true" : "false"));
  }
  return SortedLines(lines);
}

std::string Requested(const YAML::Node& one_case, const std::string& what) {
  const YAML::Node request = one_case["request"];
  return request.IsDefined() ? Text(request, what) : "";
}

// Of an object that is looked for, and has no sample.
std::string NoValueOfTheObject(const YAML::Node& one_case) {
  return "the server could not find the metric " +
         Requested(one_case, "metric") + " for " +
         Requested(one_case, "resource") + " " + Requested(one_case, "name");
}

bool AsksForAQueue(const YAML::Node& one_case) {
  return Requested(one_case, "resource").starts_with("queues");
}

Ours QueueWithoutNamespace(const YAML::Node& one_case,
                           const std::string& what) {
  if (what == "promql") {
    return "sum(queue_depth{queue=" + GoQuote(Requested(one_case, "name")) +
           "}) by (queue)";
  }
  if (what == "message") return NoValueOfTheObject(one_case);
  if (what == "items") {
    return Replaced(RecordedCustomItems(one_case["items"]),
                    " " + Requested(one_case, "namespace") + "/", " ");
  }
  return {};
}

bool AsksForANodeInANamespace(const YAML::Node& one_case) {
  return Requested(one_case, "resource") == "nodes" &&
         !Requested(one_case, "namespace").empty();
}

Ours NodeWithoutNamespace(const YAML::Node& one_case, const std::string& what) {
  if (what == "promql") {
    return "sum(node_load{node=" + GoQuote(Requested(one_case, "name")) +
           "}) by (node)";
  }
  if (what == "message") return NoValueOfTheObject(one_case);
  return {};
}

bool AsksForAllNodes(const YAML::Node& one_case) {
  return Requested(one_case, "resource") == "nodes" &&
         Requested(one_case, "name") == "*";
}

// Nothing else in the query of a node has a dot.
Ours QueryWithEscapedDots(const YAML::Node& one_case, const std::string& what) {
  if (what != "promql") return {};
  return Replaced(Text(one_case, "promql"), ".", "\\\\.");
}

bool SelectsByUnequal(const YAML::Node& one_case) {
  return Requested(one_case, "metricLabelSelector").find("!=") !=
         std::string::npos;
}

Ours TheValueOfP1(const YAML::Node&, const std::string& what) {
  if (what == "status") return "200";
  if (what == "message") return "";
  if (what == "items")
    return CustomItem("Pod", "default", "p1", "/v1", "1500m");
  return {};
}

bool SelectsByAKeyThatIsNoBareLabel(const YAML::Node& one_case) {
  return Requested(one_case, "metricLabelSelector").find('/') !=
         std::string::npos;
}

Ours QueryWithAQuotedLabel(const YAML::Node& one_case,
                           const std::string& what) {
  if (what != "promql") return {};
  const std::string selector = Requested(one_case, "metricLabelSelector");
  const std::string key = selector.substr(0, selector.find('='));
  return Replaced(Text(one_case, "promql"), "{" + key + "=",
                  "{" + GoQuote(key) + "=");
}

bool IsTheListOfGroups(const YAML::Node& one_case) {
  return Text(one_case, "path") == "/apis/";
}

bool HasABadMetricSelector(const YAML::Node& one_case) {
  return Text(one_case, "path").find("metricLabelSelector=a+b") !=
         std::string::npos;
}

template <int kCode>
Ours Status(const YAML::Node&, const std::string& what) {
  if (what != "status") return {};
  return std::to_string(kCode);
}

bool IsTheGroupOfCustomMetrics(const YAML::Node& one_case) {
  return Text(one_case, "request") == "GET /apis/custom.metrics.k8s.io";
}

Ours GroupWithBothVersions(const YAML::Node&, const std::string&) {
  const std::string of = R"({"groupVersion":"custom.metrics.k8s.io/)";
  const std::string v1 = of + R"(v1beta1","version":"v1beta1"})";
  const std::string v2 = of + R"(v1beta2","version":"v1beta2"})";
  return R"({"kind":"APIGroup","apiVersion":"v1",)"
         R"("name":"custom.metrics.k8s.io","versions":[)" +
         v2 + "," + v1 + R"(],"preferredVersion":)" + v2 + "}";
}

bool IsAboutNewResources(const YAML::Node& one_case) {
  return Text(one_case, "case").starts_with("new API resources");
}

bool IsBeyondAQuantity(const YAML::Node& one_case) {
  return Text(one_case, "custom") == "-9223372036854775808m";
}

Ours NoValue(const YAML::Node&, const std::string&) { return "no value"; }

bool HasHalfAContainer(const YAML::Node& one_case) {
  return Text(one_case, "name") ==
         "container present only in one of cpu/memory";
}

Ours ContainersWithoutZeros(const YAML::Node&, const std::string& what) {
  if (what != "containers") return {};
  return "ns/p @0 1m0s a=1/- b=2/3 c=-/4";
}

bool IsAboutABackendThatFails(const YAML::Node& one_case) {
  const std::string name = Text(one_case, "name");
  return name == "Prometheus answers 500 / scalar / empty vector for list" ||
         name == "same for GET of one pod";
}

Ours StatusOfTheFailure(const YAML::Node&, const std::string& what) {
  if (what == "an error") return "503";
  if (what == "a scalar") return "500";
  return {};
}

}  // namespace

const std::vector<Deviation>& Deviations() {
  static const std::vector<Deviation> deviations = {
      {"name_list_rendering",
       "several names, one of them with a character that means something in a "
       "regular expression",
       "names are escaped, so that a.b does not select axb too",
       HasSeveralNamesOneWithMeta, MatchersWithEscapedNames},
      {"label_to_resource", "a label that is list or <kind>list",
       "the pseudo resources of the API machinery have no objects",
       NamesAPseudoResource, NoResource},
      {"resource_to_label", "two overrides for one resource",
       "the first of the file is used, not a random one, and a warning says so",
       HasTwoLabelsForOneResource, FirstLabelOfTheFile},
      {"prometheus_http", "a reply that is not JSON, or has no data",
       "only the log sees the text, and ours says what is wrong in words",
       IsUnreadableReply, WhatIsUnreadable},
      {"prometheus_http",
       "an error of the API with a status other than 2xx, 400, 422 and 503",
       "its text is kept, not only the status", IsErrorBehindAnUnreadStatus,
       ErrorOfTheBody},
      {"prometheus_http", "the parameters of a query",
       "every query tells the backend how much time is left", IsAboutParameters,
       ParametersWithTimeout},
      {"prometheus_http", "GET, of a URL with parameters",
       "the URL keeps them, as with POST: `extra_label` of VictoriaMetrics "
       "holds "
       "for every query",
       IsAGetOfAUrlWithParameters, UrlKeepsItsParameters},
      {"prometheus_http",
       "a seriesQuery that fails, or finds null, at a relist",
       "the other rules are listed; a rule that fails keeps what it had, and "
       "null means that there are no series",
       IsAboutARelist, TheOtherRuleIsListed},
      {"custom_metrics", "the listing",
       "resources have the scope that the API server says, also those that are "
       "neither namespaces, nodes nor persistentvolumes",
       IsAListing, ListingWithTrueScopes},
      {"custom_metrics", "objects of a cluster-scoped custom resource",
       "they are found on the root path, and on a namespaced path without a "
       "matcher for the namespace, which they do not have",
       AsksForAQueue, QueueWithoutNamespace},
      {"custom_metrics", "a node on a namespaced path",
       "it is answered as on the root path: autoscalers know no other",
       AsksForANodeInANamespace, NodeWithoutNamespace},
      {"custom_metrics", "all nodes, one with a dot in its name",
       "names are escaped, so that a.b does not select axb too",
       AsksForAllNodes, QueryWithEscapedDots},
      {"custom_metrics", "metricLabelSelector with !=",
       "the value is served; the selector is echoed as NotIn", SelectsByUnequal,
       TheValueOfP1},
      {"custom_metrics", "a selector key that is no bare PromQL label",
       "it is quoted, which Prometheus 3 understands",
       SelectsByAKeyThatIsNoBareLabel, QueryWithAQuotedLabel},
      {"http_routing", "the path /apis/",
       "the list of groups is there, as on a whole API server",
       IsTheListOfGroups, Status<200>},
      {"http_routing", "a metricLabelSelector that cannot be read",
       "400: it is the client's mistake", HasABadMetricSelector, Status<400>},
      {"discovery_documents", "the group of custom metrics",
       "both versions are served, so both are listed",
       IsTheGroupOfCustomMetrics, GroupWithBothVersions},
      {"framework_mapper_unit_tests", "new API resources in the cluster",
       "resources are looked for again every ten minutes and on a miss, not at "
       "each call of a mapper: tests/kube/mapper_test.cc shows it",
       IsAboutNewResources, nullptr},
      {"resource_metrics", "a container with only one of CPU and memory",
       "the other is left out: read as 0 it would tell an autoscaler that "
       "nothing runs",
       HasHalfAContainer, ContainersWithoutZeros},
      {"resource_metrics", "the backend fails, or its answer is no vector",
       "an error, not an empty list or a pod that is not there",
       IsAboutABackendThatFails, StatusOfTheFailure},
      {"value_to_quantity", "infinities, and more than an int64 of thousandths",
       "no value is better than a wrong one", IsBeyondAQuantity, NoValue},
  };
  return deviations;
}

const Deviation* Comparison::Find(const Case& c) const {
  for (const Deviation& deviation : Deviations()) {
    if (deviation.group == group_ && deviation.applies(c.node)) {
      return &deviation;
    }
  }
  return nullptr;
}

void Comparison::Expect(const std::string& what, const std::string& recorded,
                        const std::string& ours) {
  if (recorded != ours) differences_.push_back({what, recorded, ours});
}

void Comparison::Finish(const Case& c) {
  const std::vector<Difference> differences = std::move(differences_);
  differences_.clear();
  if (differences.empty()) {
    report_.Agrees(c);
    return;
  }
  const Deviation* const deviation = Find(c);
  std::string wrong;
  for (const Difference& difference : differences) {
    Ours said;
    if (deviation != nullptr && deviation->ours != nullptr) {
      said = deviation->ours(c.node, difference.what);
    }
    if (said == difference.ours) continue;
    wrong += difference.what + ": recorded `" + difference.recorded +
             "`, ours `" + difference.ours + "`";
    if (said) wrong += ", the deviation says `" + *said + "`";
    wrong += "; ";
  }
  if (wrong.empty()) {
    met_.insert(deviation);
    report_.NotFollowed(c, deviation->reason);
  } else if (c.deviate && UsesAnotherFile()) {
    report_.NotFollowed(c, "need not be copied; " + wrong);
  } else {
    ADD_FAILURE() << c.id << ": " << wrong;
  }
}

void Comparison::Later(const Case& c) {
  const Deviation* const deviation = Find(c);
  if (deviation == nullptr || deviation->ours != nullptr) {
    ADD_FAILURE() << c.id << ": no deviation says that this comes later";
    return;
  }
  met_.insert(deviation);
  report_.NotFollowed(c, deviation->reason);
}

Comparison::~Comparison() {
  if (UsesAnotherFile()) return;
  for (const Deviation& deviation : Deviations()) {
    if (deviation.group == group_ && met_.count(&deviation) == 0) {
      ADD_FAILURE() << "no case of " << group_ << " needs the deviation for "
                    << deviation.condition;
    }
  }
}

}  // namespace sextant::compat
