#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace sextant::obs {

using MetricLabels = std::map<std::string, std::string>;

// The program's own metrics: counters and gauges, written out in order of name
// and labels so that two scrapes differ only in numbers.  Loop only.
//
// Names are constants of the code; the values of labels must come from a
// bounded set (rules, states, kinds of error), never from requests.
class Metrics {
 public:
  // The counter of that name and those labels; the first call makes it, and
  // `help` of the first call counts.  The reference stays good for the life of
  // this object: keep it where it is used often.
  std::uint64_t& Counter(const std::string& name, const std::string& help,
                         const MetricLabels& labels = {});

  // Calls `read` whenever the metrics are written out.
  void Gauge(const std::string& name, const std::string& help,
             const MetricLabels& labels, std::function<double()> read);

  // The Prometheus text format 0.0.4.
  std::string Text() const;

 private:
  struct Series {
    std::uint64_t count = 0;
    std::function<double()> read;  // gauges only
  };
  struct Family {
    std::string help;
    bool gauge = false;
    std::map<MetricLabels, Series> series;
  };
  std::map<std::string, Family> families_;
};

}  // namespace sextant::obs
