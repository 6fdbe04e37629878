#pragma once

#include "call.h"
#include "request_metrics.h"
#include "sextant/base/clock.h"
#include "sextant/base/task.h"
#include "sextant/net/http.h"
#include "sextant/query/resource_engine.h"

namespace sextant::api {

// metrics.k8s.io: what pods and nodes use.  Loop only.
class ResourceApi {
 public:
  // All of them must outlive this object.
  ResourceApi(query::ResourceEngine& engine, Clock& clock,
              RequestMetrics& request_metrics)
      : engine_(engine), clock_(clock), request_metrics_(request_metrics) {}

  // Answers a call whose path is a kResourceList or kResourceItem.  `trace` may
  // be null.
  Task<net::Response> Answer(const Call& call, TimePoint deadline,
                             query::ResourceTrace* trace);

 private:
  query::ResourceEngine& engine_;
  Clock& clock_;
  RequestMetrics& request_metrics_;
};

}  // namespace sextant::api
