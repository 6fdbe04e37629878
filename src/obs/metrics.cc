#include "sextant/obs/metrics.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>

namespace sextant::obs {
namespace {

std::string Escape(const std::string& text, bool quotes) {
  std::string out;
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\\' || (quotes && c == '"')) {
      out += '\\';
      out += c;
    } else {
      out += c;
    }
  }
  return out;
}

std::string Number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  char text[32];
  std::snprintf(text, sizeof(text), "%.17g", value);
  return text;
}

// A bucket's bound the way people write it: 0.1, not 0.10000000000000001.
std::string Bound(double value) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.15g", value);
  return text;
}

std::string LabelText(const MetricLabels& labels) {
  if (labels.empty()) return {};
  std::string out;
  for (const auto& [name, value] : labels) {
    out +=
        (out.empty() ? "{" : ",") + name + "=\"" + Escape(value, true) + "\"";
  }
  return out + "}";
}

}  // namespace

std::uint64_t& Metrics::Counter(const std::string& name,
                                const std::string& help,
                                const MetricLabels& labels) {
  Family& family = families_[name];
  if (family.help.empty()) family.help = help;
  return family.series[labels].count;
}

void Metrics::Gauge(const std::string& name, const std::string& help,
                    const MetricLabels& labels, std::function<double()> read) {
  Family& family = families_[name];
  if (family.help.empty()) family.help = help;
  family.type = Type::kGauge;
  family.series[labels].read = std::move(read);
}

sextant::obs::Histogram& Metrics::Histogram(const std::string& name,
                                            const std::string& help,
                                            const std::vector<double>& bounds,
                                            const MetricLabels& labels) {
  Family& family = families_[name];
  if (family.help.empty()) family.help = help;
  family.type = Type::kHistogram;
  Series& series = family.series[labels];
  if (!series.histogram) {
    series.histogram = std::make_unique<sextant::obs::Histogram>(bounds);
  }
  return *series.histogram;
}

void Histogram::Observe(double value) {
  const auto bucket = std::lower_bound(bounds_.begin(), bounds_.end(), value);
  ++counts_[static_cast<std::size_t>(bucket - bounds_.begin())];
  sum_ += value;
}

std::string Metrics::Text() const {
  std::string out;
  for (const auto& [name, family] : families_) {
    out += "# HELP " + name + " " + Escape(family.help, false) + "\n";
    out += "# TYPE " + name + " " + NameOf(family.type) + "\n";
    for (const auto& [labels, series] : family.series) {
      if (series.histogram) {
        AppendHistogram(out, name, labels, *series.histogram);
        continue;
      }
      out += name + LabelText(labels) + " ";
      out += family.type == Type::kGauge ? Number(series.read())
                                         : std::to_string(series.count);
      out += "\n";
    }
  }
  return out;
}

const char* Metrics::NameOf(Type type) {
  switch (type) {
    case Type::kGauge:
      return "gauge";
    case Type::kHistogram:
      return "histogram";
    case Type::kCounter:
      break;
  }
  return "counter";
}

void Metrics::AppendHistogram(std::string& out, const std::string& name,
                              const MetricLabels& labels,
                              const sextant::obs::Histogram& histogram) {
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < histogram.counts_.size(); ++i) {
    count += histogram.counts_[i];
    MetricLabels of_bucket = labels;
    of_bucket["le"] =
        i < histogram.bounds_.size() ? Bound(histogram.bounds_[i]) : "+Inf";
    out += name + "_bucket" + LabelText(of_bucket) + " " +
           std::to_string(count) + "\n";
  }
  out += name + "_sum" + LabelText(labels) + " " + Number(histogram.sum_) +
         "\n" + name + "_count" + LabelText(labels) + " " +
         std::to_string(count) + "\n";
}

}  // namespace sextant::obs
