#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sextant/base/clock.h"
#include "sextant/base/result.h"
#include "sextant/base/single_flight.h"
#include "sextant/base/task.h"
#include "sextant/kube/client.h"
#include "sextant/model/resource.h"

namespace sextant::kube {

struct DiscoveryRoot;
struct GroupVersion;

// Knows which resources a cluster has: its discovery, as snapshots.
//
// The aggregated document is asked for (two requests), and where there is none
// the list of each version.  A version that cannot be had now, because whoever
// serves it is down, keeps what was last known of it; the others move on.
//
// Loop only.  What is passed by reference must outlive this object, and this
// its Tasks.
class Mapper {
 public:
  using Table = std::shared_ptr<const model::ResourceTable>;

  struct Options {
    // Between two looks, without anyone asking for them.
    Duration interval = std::chrono::minutes(10);
    // For a whole look.
    Duration time = std::chrono::seconds(30);
    // Refresh() looks no more often.
    Duration least_pause = std::chrono::seconds(5);
  };

  // `changed` gets each table that differs from the one before, the first one
  // too; Current() gives it by then.  It must not start a Refresh() and wait.
  Mapper(Options options, Client& client, Clock& clock,
         std::function<void(const Table&)> changed);

  // Never null; without resources until the first look has succeeded.
  const Table& Current() const { return current_; }

  // What the last look had to leave out, in words: "a.test/v1: the API server
  // answered 503".  For who shows what is out of order.
  const std::vector<std::string>& missing() const { return missing_; }

  // Looks now: for the start, and for a resource that Current() does not have.
  // Callers at the same time share one look; within `least_pause` of the last
  // one its outcome is the answer.  An error means that nothing could be
  // learned, and changes nothing.  kDeadlineExceeded: `deadline` passed.
  Task<Result<Done>> Refresh(TimePoint deadline);

  // Looks at once and every `interval`; sooner, with growing pauses, after a
  // look that failed or had to leave something out.  Failures are logged here.
  // Runs until cancelled.
  Task<void> Run();

 private:
  using Versions = std::vector<GroupVersion>;

  Task<Result<Done>> Share(TimePoint deadline);
  Task<Result<Done>> Look();
  Task<Result<Versions>> Discover(TimePoint deadline);
  Task<Result<Versions>> ReadRoot(std::string path, TimePoint deadline);
  Task<void> ReadVersion(std::shared_ptr<DiscoveryRoot> root, std::size_t index,
                         TimePoint deadline);
  Result<Done> Publish(const Versions& versions);

  const Options options_;
  Client& client_;
  Clock& clock_;
  const std::function<void(const Table&)> changed_;
  Table current_ = std::make_shared<const model::ResourceTable>();
  // What was last known, by "group/version".
  std::map<std::string, std::vector<model::Resource>> known_;
  std::vector<std::string> missing_;
  std::optional<Result<Done>> last_;  // outcome of the last look
  TimePoint last_end_{};
  SingleFlight<int, Result<Done>> looks_;
};

}  // namespace sextant::kube
