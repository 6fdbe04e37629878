#pragma once

#include <functional>
#include <string>
#include <vector>

#include "sextant/backend/dialect.h"
#include "sextant/base/clock.h"
#include "sextant/base/result.h"
#include "sextant/base/task.h"
#include "sextant/model/labels.h"
#include "sextant/model/sample.h"

namespace sextant::backend {

// Which series a discovery request is about.
struct SeriesMatch {
  std::string selector;  // match[], byte for byte
  TimePoint start;       // series with samples from here ...
  TimePoint end;         // ... to here
};

// Takes series one at a time as they arrive; an error stops the transfer.
using SeriesSink = std::function<Result<Done>(const model::Labels&)>;

// A server of time series that speaks Prometheus' HTTP API.
//
// Errors: kDeadlineExceeded (ours or the backend's own), kUnavailable (no
// connection, 5xx, not the reply of such an API), kInvalidArgument (the backend
// refused the query or selector), kTooLarge.  `message` is fit for the log and
// explain; it may quote the backend's error text.  Loop only; cancelling a Task
// cancels the request.
class Backend {
 public:
  virtual ~Backend() = default;

  // Values of one label (`__name__` too) over the matching series, sorted.
  virtual Task<Result<std::vector<std::string>>> LabelValues(
      const std::string& label, SeriesMatch match, TimePoint deadline) = 0;

  // Names of all labels of the matching series, sorted.
  virtual Task<Result<std::vector<std::string>>> LabelNames(
      SeriesMatch match, TimePoint deadline) = 0;

  // Every matching series, read as a stream.
  virtual Task<Result<Done>> Series(SeriesMatch match, TimePoint deadline,
                                    SeriesSink sink) = 0;

  // An instant query at `time`.  A reply that the backend calls partial is
  // kUnavailable.
  virtual Task<Result<model::QueryResult>> Query(const std::string& promql,
                                                 TimePoint time,
                                                 TimePoint deadline) = 0;

  // Which dialect it is taken to speak, as far as is known by now.
  virtual Recognition recognised() const { return {}; }
};

}  // namespace sextant::backend
