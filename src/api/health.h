// /healthz, /livez and /readyz, in the form of the API server's.

#pragma once

#include <string>
#include <vector>

#include "list_options.h"
#include "sextant/catalog/refresher.h"
#include "sextant/net/http.h"

namespace sextant::api {

struct HealthCheck {
  std::string name;
  std::string failure;  // why it fails; empty: it does not
};

// The whole of `endpoint` ("readyz"), with ?verbose and ?exclude=.  `notes` are
// lines for readers, which decide nothing.  A failure is shown in full, whoever
// asks: the texts are ours and hold no secrets.
net::Response AnswerHealth(const std::string& endpoint,
                           const std::vector<HealthCheck>& checks,
                           const std::vector<std::string>& notes,
                           const QueryParameters& parameters);

// One check alone: /readyz/ping.
net::Response AnswerCheck(const HealthCheck& check);

// One line a rule: "[+]rule/rules[3] ok (12 metrics)".
//
// A rule that fails does not make the program unready: the others are served,
// and taking the whole server away because of one rule would take their metrics
// from every autoscaler.
std::vector<std::string> RuleNotes(
    const std::vector<catalog::RuleState>& rules);

}  // namespace sextant::api
