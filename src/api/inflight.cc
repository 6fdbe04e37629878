#include "inflight.h"

namespace sextant::api {

Inflight::Inflight(std::uint32_t limit, obs::Metrics& metrics) : limit_(limit) {
  metrics.Gauge("apiserver_current_inflight_requests",
                "Requests for metrics that wait for their answer.",
                {{"request_kind", "readOnly"}},
                [taken = taken_] { return static_cast<double>(*taken); });
}

std::optional<Inflight::Place> Inflight::Enter() {
  if (limit_ != 0 && *taken_ >= limit_) return std::nullopt;
  return Place(taken_);
}

}  // namespace sextant::api
