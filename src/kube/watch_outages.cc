#include "watch_outages.h"

#include <chrono>
#include <utility>

#include "sextant/obs/log.h"

namespace sextant::kube {
namespace {

// "listing pods in shop: refused" -> "refused": the same for all objects.
std::string WithoutObjects(std::string why, const std::string& objects) {
  const std::string there = objects + ": ";
  const std::size_t at = why.find(there);
  return at == std::string::npos ? why : why.substr(at + there.size());
}

}  // namespace

void WatchOutages::Fails(const std::string& objects, std::string why,
                         TimePoint now) {
  const std::string reason = WithoutObjects(std::move(why), objects);
  const auto known = reasons_of_.find(objects);
  if (known != reasons_of_.end() && known->second == reason) return;
  Leave(objects, false, now);
  reasons_of_[objects] = reason;
  const auto [outage, begins] = outages_.try_emplace(reason, Outage{now});
  ++outage->second.failing;
  ++outage->second.failed;
  if (!begins) return;
  obs::Warn("objects cannot be watched; they are listed for each request",
            {{"objects", objects}, {"error", reason}});
}

void WatchOutages::Works(const std::string& objects, TimePoint now) {
  Leave(objects, true, now);
}

void WatchOutages::Ends(const std::string& objects, TimePoint now) {
  Leave(objects, false, now);
}

void WatchOutages::Leave(const std::string& objects, bool works,
                         TimePoint now) {
  const auto reason = reasons_of_.find(objects);
  if (reason == reasons_of_.end()) return;
  const auto place = outages_.find(reason->second);
  reasons_of_.erase(reason);
  Outage& outage = place->second;
  outage.mended = outage.mended || works;
  if (--outage.failing > 0) return;
  if (outage.mended) {
    const auto seconds =
        std::chrono::duration_cast<std::chrono::seconds>(now - outage.began);
    obs::Info("objects are watched again",
              {{"watches", std::to_string(outage.failed)},
               {"after", std::to_string(seconds.count()) + "s"},
               {"error", place->first}});
  }
  outages_.erase(place);
}

}  // namespace sextant::kube
