#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sextant/base/clock.h"
#include "sextant/base/result.h"
#include "sextant/base/task.h"
#include "sextant/net/client.h"

namespace sextant::cloud {

// The servers that give secrets, and what is said when one does not: where, and
// the status and code of its answer.  Never the text of an answer, which may
// quote what it was sent.
struct SecretServers {
  std::string failure;       // "no Google token for the backend"
  net::HttpClient& outside;  // through proxies
  net::HttpClient& local;    // to the node itself
  // The code of an error in an answer's body, "invalid_grant"; empty: none.
  std::string (*code_of)(std::string_view body);
  Clock& clock;

  // `local` for what stays on the node.
  net::HttpClient& For(const net::Url& url) const;

  // "no Google token for the backend: https://... answers 400".
  Error Failed(const net::Url& where, const std::string& why) const;
};

// A POST of a form.
net::ClientRequest FormRequest(
    net::Url url,
    const std::vector<std::pair<std::string, std::string>>& fields);

// The body of a 200.  What may pass (no connection, 408, 429, 500, 503) is
// tried again, five times in four seconds, if `deadline` leaves the time: the
// metadata server of GKE refuses connections in a Pod's first seconds.  Errors
// are kUnavailable and kDeadlineExceeded.  `servers` must outlive the Task.
Task<Result<std::string>> AskForSecret(const SecretServers& servers,
                                       net::HttpClient& client,
                                       net::ClientRequest request,
                                       TimePoint deadline);

}  // namespace sextant::cloud
