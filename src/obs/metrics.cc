#include "sextant/obs/metrics.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
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
  // The shortest text that reads back as the same number: 0.1.
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value);
  return std::string(text.data(), end.ptr);
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

Metrics::Family& Metrics::FamilyOf(const std::string& name,
                                   const std::string& help, Type type) {
  Family& family = families_[name];
  if (family.help.empty()) family.help = help;
  family.type = type;
  return family;
}

std::uint64_t& Metrics::Counter(const std::string& name,
                                const std::string& help,
                                const MetricLabels& labels) {
  return FamilyOf(name, help, Type::kCounter).series[labels].count;
}

void Metrics::Gauge(const std::string& name, const std::string& help,
                    const MetricLabels& labels, std::function<double()> read) {
  FamilyOf(name, help, Type::kGauge).series[labels].read = std::move(read);
}

void Metrics::CounterFunction(const std::string& name, const std::string& help,
                              const MetricLabels& labels,
                              std::function<double()> read) {
  FamilyOf(name, help, Type::kCounter).series[labels].read = std::move(read);
}

void Metrics::GaugeSet(const std::string& name, const std::string& help,
                       std::function<LabelledValues()> read) {
  FamilyOf(name, help, Type::kGauge).read_set = std::move(read);
}

sextant::obs::Histogram& Metrics::Histogram(const std::string& name,
                                            const std::string& help,
                                            const std::vector<double>& bounds,
                                            const MetricLabels& labels) {
  Series& series = FamilyOf(name, help, Type::kHistogram).series[labels];
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
      out += series.read ? Number(series.read()) : std::to_string(series.count);
      out += "\n";
    }
    if (!family.read_set) continue;
    LabelledValues values = family.read_set();
    std::sort(values.begin(), values.end());
    for (const auto& [labels, value] : values) {
      out += name + LabelText(labels) + " " + Number(value) + "\n";
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
        i < histogram.bounds_.size() ? Number(histogram.bounds_[i]) : "+Inf";
    out += name + "_bucket" + LabelText(of_bucket) + " " +
           std::to_string(count) + "\n";
  }
  out += name + "_sum" + LabelText(labels) + " " + Number(histogram.sum_) +
         "\n" + name + "_count" + LabelText(labels) + " " +
         std::to_string(count) + "\n";
}

}  // namespace sextant::obs
