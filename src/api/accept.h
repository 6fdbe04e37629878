// Content negotiation.  Pure functions of a request's headers; any thread.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sextant/base/result.h"

namespace sextant::api {

// One clause of an Accept header: "application/json;as=Table;q=0.5".
struct MediaRange {
  std::string type;  // lower-case, "application/json", "*/*"
  // In order, names in lower case, without q.
  std::vector<std::pair<std::string, std::string>> parameters;
  int quality = 1000;  // of 1000

  // The value of a parameter; empty if it is not there.
  std::string_view Parameter(std::string_view name) const;

  friend bool operator==(const MediaRange&, const MediaRange&) = default;
};

// The clauses in the order in which they are to be tried: by quality, then as
// written.  Those with q=0 and those that are not media ranges are left out.
// Of no header at all: "*/*".
std::vector<MediaRange> ReadAccept(const std::vector<std::string>& headers);

// May the answer be plain JSON?  Clauses that ask for another form of it (a
// Table) are passed over, as the API server does.  An error is 406 in its
// words, which differ by whether such a clause was there.
Result<Done> AcceptsJson(const std::vector<MediaRange>& ranges);

// The forms of what the metrics APIs answer.  JSON is chosen wherever the
// client takes it, whatever it likes best: Kubernetes' own clients all do, and
// people can read it.  Protocol buffers are for who takes nothing else.
enum class BodyForm { kJson, kProtobuf };
Result<BodyForm> ChooseBodyForm(const std::vector<MediaRange>& ranges);

// The forms of the group list at /apis.
enum class GroupListForm { kLegacy, kAggregatedV2, kAggregatedV2Beta1 };
Result<GroupListForm> ChooseGroupListForm(
    const std::vector<MediaRange>& ranges);

// The forms of an answer of metrics.k8s.io: itself, or the table that kubectl
// prints.
enum class ResourceForm { kPlain, kTable, kTableV1Beta1, kProtobuf };
Result<ResourceForm> ChooseResourceForm(const std::vector<MediaRange>& ranges);

// Is a person reading?  Yes for a media type with pretty=1; else as ?pretty=
// says; else for the tools that the API server takes for a person's.
bool WantsPretty(const std::optional<std::string>& pretty_parameter,
                 const std::vector<MediaRange>& ranges,
                 std::string_view user_agent);

}  // namespace sextant::api
