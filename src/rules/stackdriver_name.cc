#include "stackdriver_name.h"

#include <array>
#include <vector>

#include "sextant/base/text.h"
#include "sextant/rules/stackdriver.h"

namespace sextant::rules {
namespace {

struct Suffix {
  std::string_view text;
  StackdriverKind kind;
};

// What Google's collector calls each type of Prometheus.  An untyped series is
// stored twice, as it is and as a counter.
constexpr std::array<Suffix, 5> kSuffixes = {{
    {"gauge", StackdriverKind::kGauge},
    {"counter", StackdriverKind::kCounter},
    {"unknown", StackdriverKind::kGauge},
    {"unknown:counter", StackdriverKind::kCounter},
    {"histogram", StackdriverKind::kHistogram},
}};

Error NoSuchName(std::string why) {
  return {ErrorCode::kNotFound, std::move(why), ""};
}

// Of a summary only the quantiles are values by themselves.
Result<StackdriverName> OfSummary(std::string series, bool is_counter) {
  if (series.ends_with("_sum")) {
    if (is_counter) {
      return StackdriverName{std::move(series), StackdriverKind::kCounter};
    }
    return NoSuchName("the sum of a summary is called " + series +
                      "|summary:counter");
  }
  if (is_counter) {
    return NoSuchName("only the sum of a summary, NAME_sum, is a " +
                      GoQuote("summary:counter"));
  }
  const bool count = series.ends_with("_count");
  return StackdriverName{std::move(series), count ? StackdriverKind::kCounter
                                                  : StackdriverKind::kGauge};
}

}  // namespace

Result<StackdriverName> ParseStackdriverName(std::string_view metric) {
  if (!Stackdriver::IsName(metric)) {
    return NoSuchName("the name does not begin with " +
                      std::string(kStackdriverPrefix));
  }
  const std::string_view rest = metric.substr(kStackdriverPrefix.size());
  const std::size_t bar = rest.rfind('|');
  if (bar == std::string_view::npos) {
    return NoSuchName(
        "the name does not end in the kind of the metric, as in " +
        std::string(metric) + "|gauge");
  }
  std::string series(rest.substr(0, bar));
  const std::string_view suffix = rest.substr(bar + 1);
  if (series.empty()) return NoSuchName("the series has no name");
  // Queries are templates, which begin so; no exporter has such a name.
  if (series.find("<<") != std::string::npos) {
    return NoSuchName("no series is called " + GoQuote(series));
  }
  if (suffix == "summary" || suffix == "summary:counter") {
    return OfSummary(std::move(series), suffix != "summary");
  }
  std::vector<std::string> known;
  for (const Suffix& one : kSuffixes) {
    if (one.text == suffix) return StackdriverName{std::move(series), one.kind};
    known.emplace_back(one.text);
  }
  return NoSuchName(GoQuote(suffix) + " is no kind of metric; there are " +
                    Join(known, ", ") + ", summary and summary:counter");
}

}  // namespace sextant::rules
