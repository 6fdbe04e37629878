#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sextant/base/clock.h"
#include "sextant/base/result.h"
#include "sextant/base/task.h"
#include "sextant/kube/client.h"
#include "sextant/model/object.h"
#include "sextant/obs/metrics.h"

namespace sextant::kube {

// Finds objects through the API server: watched metadata, indexed by label.
//
// The first question about a resource in a namespace begins a watch of it; from
// its first list on, questions are answered from memory.  Until then, and
// whenever the watch cannot be relied on, each question is one list with its
// selector, shared by all who ask the same at that time.  A resource that is
// asked for in many namespaces is watched in all of them at once, if we may.  A
// watch that nobody has asked for ten minutes is given up.
//
// Errors are kUnavailable, whatever the API server refuses: who asks us did
// nothing wrong.  If rights are missing, the message has the rule that the
// ClusterRole needs.  kDeadlineExceeded: the request's deadline passed. Without
// the right to watch, everything works by lists, and the log says so once.
//
// Loop only.  What is passed by reference must outlive this object, and the
// loop's last turn after Stop().
class ObjectWatcher final : public model::ObjectLister {
 public:
  struct Options {
    // Each takes a connection, so the client's pool should have room for them
    // and for lists.  When there are so many, the one that was not
    // asked for the longest time ends, if that is a minute or more; else the
    // question is a list.
    std::size_t max_watches = 64;
    // Of one resource; beyond that it is watched in all namespaces.
    std::size_t max_namespaces = 8;
    Duration idle_after = std::chrono::minutes(10);
    // For a list that several wait for, each until its own deadline.
    Duration list_timeout = std::chrono::seconds(30);
    std::function<double()> jitter;  // as of Client::Options
  };

  ObjectWatcher(Options options, Client& client, Clock& clock,
                obs::Metrics& metrics);
  ~ObjectWatcher() override;

  Task<Result<std::vector<std::string>>> List(
      const model::ListRequest& request) override;
  Task<Result<std::vector<model::ObjectMetadata>>> ListMetadata(
      const model::ListRequest& request) override;

  // Ends all watches, and begins no more: a loop that is to end has nothing
  // left to wait for.
  void Stop();

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;  // shared with the Tasks
};

}  // namespace sextant::kube
