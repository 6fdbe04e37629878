#pragma once

#include <map>
#include <string>
#include <vector>

#include "sextant/base/clock.h"
#include "sextant/base/result.h"
#include "sextant/obs/metrics.h"

namespace sextant::auth {

// What is shown of reviews of one kind: their number, results and times, and
// how many questions needed none.  Logs when they begin to fail and when they
// go well again.  Loop only; `metrics` must outlive this object.
class ReviewMeter {
 public:
  // `kind` is "token" or "access"; `results` what Reviewed() may get.
  ReviewMeter(std::string kind, const std::vector<std::string>& results,
              obs::Metrics& metrics);

  void Remembered() { ++remembered_; }
  void Reviewed(const std::string& result, Duration took);
  void Failed(const Error& error, Duration took);

 private:
  void Observe(const std::string& result, Duration took);

  const std::string kind_;
  std::uint64_t& remembered_;
  std::uint64_t& asked_;
  std::map<std::string, obs::Histogram*> times_;
  bool failing_ = false;
};

}  // namespace sextant::auth
