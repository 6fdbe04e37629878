#include "request_log.h"

#include <cstddef>

#include "sextant/obs/log.h"
#include "status.h"

namespace sextant::api {
namespace {

// Of what a client may have made long.
constexpr std::size_t kLongestLogged = 400;

}  // namespace

void LogError(const Call& call, const Error& error) {
  if (error.detail.empty()) return;
  const bool ours = StatusOf(error).code >= 500;
  const auto log = ours ? obs::Warn : obs::Debug;
  log("request failed",
      {{"path", call.path.substr(0, kLongestLogged)},
       {"metric", call.where.metric.substr(0, kLongestLogged)},
       {"error", error.message},
       {"detail", error.detail}});
}

net::Response Refuse(const Call& call, const Error& error) {
  LogError(call, error);
  return StatusOf(error).ToResponse(call.accept);
}

void LogCrash(const Call& call, const std::string& what) {
  obs::Error(
      "handler failed",
      {{"method", call.request.method}, {"path", call.path}, {"error", what}});
}

void LogRequest(const Call& call, const net::Response& response, Duration took,
                const std::string& audit_id) {
  if (!obs::Enabled(obs::Level::kDebug)) return;
  obs::Debug("request", {{"method", call.request.method},
                         {"path", call.path},
                         {"status", std::to_string(response.status)},
                         {"audit_id", audit_id},
                         {"ms", std::to_string(took.count())}});
}

}  // namespace sextant::api
