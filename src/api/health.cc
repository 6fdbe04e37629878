#include "health.h"

#include <algorithm>
#include <utility>

#include "sextant/base/text.h"

namespace sextant::api {
namespace {

net::Response Text(int status, std::string body) {
  net::Response response =
      net::Response::Of(status, "text/plain; charset=utf-8", std::move(body));
  response.headers.Set("X-Content-Type-Options", "nosniff");
  return response;
}

// The names in ?exclude= that fit no check, for the warning.
std::string Unmatched(const std::vector<std::string>& excluded,
                      const std::vector<HealthCheck>& checks) {
  std::vector<std::string> unmatched;
  for (const std::string& name : excluded) {
    const bool known =
        std::any_of(checks.begin(), checks.end(),
                    [&](const HealthCheck& c) { return c.name == name; });
    if (!known) unmatched.push_back(GoQuote(name));
  }
  return Join(unmatched, ",");
}

}  // namespace

net::Response AnswerHealth(const std::string& endpoint,
                           const std::vector<HealthCheck>& checks,
                           const std::vector<std::string>& notes,
                           const QueryParameters& parameters) {
  const std::vector<std::string> excluded = parameters.All("exclude");
  std::string lines;
  bool failed = false;
  for (const HealthCheck& c : checks) {
    if (std::find(excluded.begin(), excluded.end(), c.name) != excluded.end()) {
      lines += "[+]" + c.name + " excluded: ok\n";
    } else if (c.failure.empty()) {
      lines += "[+]" + c.name + " ok\n";
    } else {
      failed = true;
      lines += "[-]" + c.name + " failed: " + c.failure + "\n";
    }
  }
  if (!failed && !parameters.First("verbose")) return Text(200, "ok");

  for (const std::string& note : notes) lines += note + "\n";
  const std::string unmatched = Unmatched(excluded, checks);
  if (!unmatched.empty()) {
    lines += "warn: some health checks cannot be excluded: no matches for " +
             unmatched + "\n";
  }
  lines += endpoint + " check " + (failed ? "failed" : "passed") + "\n";
  return Text(failed ? 500 : 200, std::move(lines));
}

net::Response AnswerCheck(const HealthCheck& check) {
  if (check.failure.empty()) return Text(200, "ok");
  return Text(500, "internal server error: " + check.failure + "\n");
}

std::vector<std::string> RuleNotes(
    const std::vector<catalog::RuleState>& rules) {
  std::vector<std::string> notes;
  for (const catalog::RuleState& rule : rules) {
    const std::string name = "rule/" + rule.path;
    if (!rule.asked) {
      notes.push_back("[-]" + name + " not asked yet");
    } else if (rule.error.empty()) {
      notes.push_back("[+]" + name + " ok (" + std::to_string(rule.metrics) +
                      (rule.metrics == 1 ? " metric)" : " metrics)"));
    } else {
      // One line a rule, whatever the backend's text holds.
      std::string error = rule.error;
      std::replace_if(
          error.begin(), error.end(),
          [](char c) { return static_cast<unsigned char>(c) < ' '; }, ' ');
      notes.push_back("[-]" + name + " failed: " + error);
    }
  }
  return notes;
}

}  // namespace sextant::api
