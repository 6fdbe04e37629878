#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace sextant::obs {

using MetricLabels = std::map<std::string, std::string>;

// How often values fell into which range, as Prometheus counts them: a bucket
// holds the values up to and including its bound.  Loop only.
class Histogram {
 public:
  // `bounds` ascending, without +Inf.
  explicit Histogram(std::vector<double> bounds)
      : bounds_(std::move(bounds)), counts_(bounds_.size() + 1) {}

  void Observe(double value);

 private:
  friend class Metrics;
  std::vector<double> bounds_;
  std::vector<std::uint64_t> counts_;  // not cumulative; the last is +Inf's
  double sum_ = 0;
};

// The program's own metrics: counters, gauges and histograms, written out in
// order of name and labels so that two scrapes differ only in numbers.  Loop
// only.
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

  // The histogram of that name and those labels, as Counter(); `bounds` of the
  // first call for these labels count.
  sextant::obs::Histogram& Histogram(const std::string& name,
                                     const std::string& help,
                                     const std::vector<double>& bounds,
                                     const MetricLabels& labels = {});

  // Calls `read` whenever the metrics are written out.
  void Gauge(const std::string& name, const std::string& help,
             const MetricLabels& labels, std::function<double()> read);

  // The same for what only grows and is counted elsewhere.
  void CounterFunction(const std::string& name, const std::string& help,
                       const MetricLabels& labels,
                       std::function<double()> read);

  // A gauge whose labels are known only when the metrics are written out.
  // `read` gives each set of labels once.  Such a name has no other series.
  using LabelledValues = std::vector<std::pair<MetricLabels, double>>;
  void GaugeSet(const std::string& name, const std::string& help,
                std::function<LabelledValues()> read);

  // The Prometheus text format 0.0.4.
  std::string Text() const;

 private:
  struct Series {
    std::uint64_t count = 0;
    std::function<double()> read;  // gauges and counters from elsewhere
    std::unique_ptr<sextant::obs::Histogram> histogram;  // histograms only
  };
  enum class Type { kCounter, kGauge, kHistogram };
  struct Family {
    std::string help;
    Type type = Type::kCounter;
    std::map<MetricLabels, Series> series;
    std::function<LabelledValues()> read_set;  // instead of series
  };
  // The family of that name, made by the first call.
  Family& FamilyOf(const std::string& name, const std::string& help, Type type);
  static const char* NameOf(Type type);
  static void AppendHistogram(std::string& out, const std::string& name,
                              const MetricLabels& labels,
                              const sextant::obs::Histogram& histogram);

  std::map<std::string, Family> families_;
};

}  // namespace sextant::obs
