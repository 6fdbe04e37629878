#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "backoff.h"
#include "collection.h"
#include "metadata_reader.h"
#include "object_store.h"
#include "sextant/base/clock.h"
#include "sextant/base/result.h"
#include "sextant/base/task.h"
#include "sextant/kube/client.h"
#include "sextant/obs/metrics.h"
#include "watch_outages.h"

namespace sextant::kube {

// What all watches have in common.  What it refers to must outlive it and the
// Tasks that share it.
struct WatchWorld {
  Client& client;
  Clock& clock;
  obs::Metrics& metrics;
  std::function<double()> jitter;  // as of Client::Options
  // Resources of which the log has said that they may not be watched.
  std::set<std::string> refused = {};
  WatchOutages outages = {};
};

// Notes how long a list took; `purpose` is "watch" or "request".
void ObserveList(WatchWorld& world, const char* purpose, TimePoint began);

// Keeps a store of a collection's objects up to date: a list, then a watch that
// goes on where the list ended.
//
// The API server ends a watch after two to three minutes, as asked; one that is
// still open ten seconds later is dead.  Such a watch, or one that broke, is
// begun again where it stopped; after 410 Gone, or three failures in a row, the
// list is.  Pauses between failures double up to half a minute.
//
// While its watch fails, a store is good for one minute more.  That is longer
// than an API server takes to restart or to be replaced, when nobody could
// answer better; pods that come and go meanwhile are off by four rounds of an
// HPA at most.  A watch that is dead and does not show it is noticed after
// three minutes.  Loop only.
class Reflector {
 public:
  enum class State {
    kListing,   // for the first time
    kWatching,  // there is a good store
    kFailing,
    kRefused,  // no right to list or watch; tried again in five minutes
  };

  Reflector(std::shared_ptr<WatchWorld> world, Collection collection);
  ~Reflector();

  // Runs until cancelled.
  static Task<void> Run(std::shared_ptr<Reflector> self);

  // The objects, if they can be relied on; else null.
  std::shared_ptr<const ObjectStore> Good() const;

  State state() const;
  std::size_t objects() const { return store_ ? store_->size() : 0; }

 private:
  // How a watch ended; the reasons in the metrics.
  enum class End { kEnded, kExpired, kBroken, kSilent, kRefused };
  struct Outcome {
    End end;
    std::string why;
  };

  // One list or one watch; how long to wait before the next.
  static Task<Duration> List(std::shared_ptr<Reflector> self);
  static Task<Duration> Watch(std::shared_ptr<Reflector> self);

  Result<Done> Apply(const WatchEvent& event);
  Outcome Judge(const Result<Reply>& reply, WatchReader& reader) const;
  Duration Act(const Outcome& outcome);
  // Has this watch been open for so long that it was accepted?
  bool Accepted() const;
  void Works();
  Duration Failed(TimePoint since, const std::string& why);
  Duration Refused();
  void TellRefusedWatch();
  void Count(End end);
  double Jitter() const { return world_->jitter ? world_->jitter() : 0; }

  const std::shared_ptr<WatchWorld> world_;
  const Collection collection_;
  std::shared_ptr<ObjectStore> store_;
  bool listed_ = false;            // a watch can go on at resource_version_
  std::string resource_version_;   // of the last event
  std::optional<int> error_code_;  // of the watch's ERROR event
  std::optional<TimePoint> watch_began_;
  std::optional<TimePoint> heard_;  // the last event of this watch
  bool silent_ = false;  // so was the last watch, and nothing was heard since
  std::optional<TimePoint> failing_since_;
  int failures_ = 0;  // in a row
  bool refused_ = false;
  Backoff backoff_;
};

}  // namespace sextant::kube
