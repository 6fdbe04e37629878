#include "sextant/obs/metrics.h"

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
  family.gauge = true;
  family.series[labels].read = std::move(read);
}

std::string Metrics::Text() const {
  std::string out;
  for (const auto& [name, family] : families_) {
    out += "# HELP " + name + " " + Escape(family.help, false) + "\n";
    out += "# TYPE " + name + (family.gauge ? " gauge\n" : " counter\n");
    for (const auto& [labels, series] : family.series) {
      out += name + LabelText(labels) + " ";
      out +=
          family.gauge ? Number(series.read()) : std::to_string(series.count);
      out += "\n";
    }
  }
  return out;
}

}  // namespace sextant::obs
