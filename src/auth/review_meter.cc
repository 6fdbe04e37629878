#include "review_meter.h"

#include <chrono>
#include <utility>

#include "sextant/obs/log.h"

namespace sextant::auth {
namespace {

constexpr char kError[] = "error";

std::uint64_t& CacheCounter(const std::string& kind, const std::string& outcome,
                            obs::Metrics& metrics) {
  return metrics.Counter(
      "sextant_review_cache_requests_total",
      "Questions about callers, by whether the answer was remembered.",
      {{"kind", kind}, {"outcome", outcome}});
}

}  // namespace

ReviewMeter::ReviewMeter(std::string kind,
                         const std::vector<std::string>& results,
                         obs::Metrics& metrics)
    : kind_(std::move(kind)),
      remembered_(CacheCounter(kind_, "hit", metrics)),
      asked_(CacheCounter(kind_, "miss", metrics)) {
  const auto add = [&](const std::string& result) {
    times_[result] = &metrics.Histogram(
        "sextant_review_duration_seconds",
        "How long the API server took to review a token or an access.",
        {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10},
        {{"kind", kind_}, {"result", result}});
  };
  for (const std::string& result : results) add(result);
  add(kError);
}

void ReviewMeter::Reviewed(const std::string& result, Duration took) {
  Observe(result, took);
  if (!std::exchange(failing_, false)) return;
  obs::Info("reviews go well again", {{"kind", kind_}});
}

void ReviewMeter::Failed(const Error& error, Duration took) {
  Observe(kError, took);
  if (std::exchange(failing_, true)) return;
  obs::Warn(
      "reviews fail; until they go well, callers are refused",
      {{"kind", kind_}, {"error", error.message}, {"detail", error.detail}});
}

void ReviewMeter::Observe(const std::string& result, Duration took) {
  ++asked_;
  times_.at(result)->Observe(std::chrono::duration<double>(took).count());
}

}  // namespace sextant::auth
