// The sample series of an example: docs/examples/<name>/series.prom.
//
// The file is Prometheus' text format.  A comment of one of two forms says how
// the values of the samples below it move, up to the next such comment or an
// empty line; without one they stay as they are:
//
//   # grows by 75 every 15s
//   istio_requests_total{pod="podinfo-6f4c9-aaaaa"} 12000
//
//   # swings by 4 every 60s
//   vllm:num_requests_running{pod="vllm-0"} 8
//
// The number written is the value at the start.  A counter grows evenly, before
// the start too; a gauge swings around its number and is a whole number.

#pragma once

#include <iosfwd>
#include <string>
#include <vector>

namespace sample {

// Seconds since 1970.
using Seconds = double;

struct Series {
  std::string name;  // with its labels, as written
  double value = 0;  // at the start
  double growth_per_second = 0;
  double swing = 0;
  Seconds swing_period = 0;

  // The value so many seconds after the start; before it if negative.
  double ValueAfter(Seconds elapsed) const;
};

// Reads such a file.  Throws std::runtime_error with file, line and reason.
std::vector<Series> ReadSeriesFile(const std::string& path);

// Writes what a scrape at that moment would see.
void WriteExposition(const std::vector<Series>& all, Seconds elapsed,
                     std::ostream& out);

struct Span {
  Seconds from;
  Seconds to;
  Seconds step;
};

// Writes the samples of that span as OpenMetrics, with timestamps, for
// `promtool tsdb create-blocks-from openmetrics`.
void WriteHistory(const std::vector<Series>& all, Span span, Seconds start,
                  std::ostream& out);

}  // namespace sample
