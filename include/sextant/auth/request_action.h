#pragma once

#include "sextant/model/action.h"
#include "sextant/net/http.h"

namespace sextant::auth {

// What a request does, as a cluster's rules name it: Kubernetes' RequestInfo
// for the paths that are served here.
//
//   /apis/<group>/<version>/namespaces/<ns>/<resource>/<name>/<subresource>
//
// is an action on a resource, with the verb get, and list (or watch) where no
// name is; other methods have the verbs create, update, patch, delete.  `*` of
// custom metrics is a name like any other.  What has fewer than four segments
// under /apis, or is elsewhere, is a path, whose verb is the method in lower
// case.  So is what has an empty segment or one that hides a slash: it leads
// nowhere, and is then the path as it was sent.
//
// Unlike RequestInfo it knows no special words ("watch", "proxy", "status",
// "finalize"): what is served has none, and an action must never be of another
// kind than what is then served.  A target that is no path at all (a bad
// escape) is answered without asking anybody; here it is the path as it was
// sent.  Pure.
model::Action ActionOf(const net::Request& request);

// Below it is what shows queries and samples of all namespaces.  It has one
// spelling in an Action, whatever the escapes and slashes of the request.
inline constexpr char kExplainPath[] = "/debug/explain";

}  // namespace sextant::auth
