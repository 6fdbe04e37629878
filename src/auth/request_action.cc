#include "sextant/auth/request_action.h"

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sextant/base/text.h"
#include "sextant/net/request_path.h"

namespace sextant::auth {
namespace {

using Parameters = std::vector<std::pair<std::string, std::string>>;

// The first value counts, as for what is served.
const std::string* First(const Parameters& parameters, std::string_view name) {
  const auto found =
      std::find_if(parameters.begin(), parameters.end(),
                   [&](const auto& pair) { return pair.first == name; });
  return found == parameters.end() ? nullptr : &found->second;
}

// apimachinery's reading of a bool: all but these is true.
bool WantsWatch(const Parameters& parameters) {
  const std::string* const watch = First(parameters, "watch");
  return watch != nullptr && *watch != "0" &&
         !EqualsIgnoringCase(*watch, "false");
}

// The name that ?fieldSelector= demands; empty if it demands none, or is not as
// plain as clients write it.  Leaving it out asks for a wider permission.
std::string DemandedName(const Parameters& parameters) {
  constexpr std::string_view kField = "metadata.name=";
  const std::string* const selector = First(parameters, "fieldSelector");
  if (selector == nullptr || selector->find('\\') != std::string::npos) {
    return "";
  }
  for (const std::string& term : Split(*selector, ',')) {
    if (!term.starts_with(kField)) continue;
    std::string name = term.substr(kField.size());
    if (name.starts_with('=')) name.erase(0, 1);
    const bool plain = name != "." && name != ".." &&
                       name.find_first_of("/%=") == std::string::npos;
    return plain ? name : "";
  }
  return "";
}

std::string VerbOf(const std::string& method) {
  if (method == "GET" || method == "HEAD") return "get";
  if (method == "POST") return "create";
  if (method == "PUT") return "update";
  return AsciiLower(method);  // patch, delete
}

// `path`: the segments of /apis/<group>/<version>/<more>.
model::Action ResourceAction(const std::string& method,
                             std::span<const std::string> path,
                             std::string_view query) {
  model::Action action;
  action.is_resource = true;
  action.verb = VerbOf(method);
  action.group = path[1];
  action.version = path[2];
  std::span<const std::string> rest = path.subspan(3);
  if (rest[0] == "namespaces" && rest.size() > 1) {
    action.namespace_ = rest[1];
    if (rest.size() > 2) rest = rest.subspan(2);
  }
  action.resource = rest[0];
  if (rest.size() > 1) action.name = rest[1];
  if (rest.size() > 2) action.subresource = rest[2];
  if (!action.name.empty()) return action;

  if (action.verb == "delete") action.verb = "deletecollection";
  if (action.verb != "get") return action;
  const Parameters parameters = ParseQueryString(query);
  action.verb = WantsWatch(parameters) ? "watch" : "list";
  // The lists of metrics.k8s.io are cut down to that name; external metrics are
  // not, and must not be had by naming one.
  if (action.group == "metrics.k8s.io") action.name = DemandedName(parameters);
  return action;
}

std::string PathOf(const net::SplitPath& split) {
  const bool explain = split.segments.size() == 2 &&
                       split.segments[0] == "debug" &&
                       split.segments[1] == "explain";
  if (explain) return kExplainPath;
  std::string path = "/" + Join(split.segments, "/");
  if (split.slash_at_end && !split.segments.empty()) path += '/';
  return path;
}

}  // namespace

model::Action ActionOf(const net::Request& request) {
  const std::string_view target = request.target;
  const std::size_t mark = target.find('?');
  const std::string_view raw = target.substr(0, mark);
  const net::SplitPath split = net::SplitPath::Of(raw);
  const bool is_path = !split.malformed && !split.broken;
  if (is_path && split.segments.size() >= 4 && split.segments[0] == "apis") {
    return ResourceAction(request.method, split.segments,
                          mark == std::string_view::npos
                              ? std::string_view()
                              : target.substr(mark + 1));
  }
  model::Action action;
  action.verb = AsciiLower(request.method);
  action.path = is_path ? PathOf(split) : std::string(raw);
  return action;
}

}  // namespace sextant::auth
