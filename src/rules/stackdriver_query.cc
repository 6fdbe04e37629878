#include "stackdriver_query.h"

#include "sextant/promql/quote.h"

namespace sextant::rules {
namespace {

// `vllm:num_requests_running{<<.LabelMatchers>>}`; the comma is fine at the end
// of the braces.
std::string Select(const std::string& series) {
  if (promql::IsLegalMetricName(series)) return series + "{<<.LabelMatchers>>}";
  return "{__name__=" + promql::QuoteValue(series) + ",<<.LabelMatchers>>}";
}

// That adapter takes the newest minute of the last five that has a rate.  Here
// it is the last minute, or else the last five; for each series by itself.
std::string Rate(const std::string& series) {
  const std::string selector = Select(series);
  return "rate(" + selector + "[1m]) or rate(" + selector + "[5m])";
}

struct Aggregation {
  std::string name;
  std::string parameter = {};  // of quantile; empty: none
};

// `sum by (pod) (x)`, `sum(x)`, `quantile by (pod) (0.5, x)`.
std::string Aggregate(const Aggregation& how, const std::string& group_by,
                      const std::string& argument) {
  const std::string by = group_by.empty() ? "" : " by (" + group_by + ") ";
  const std::string first = how.parameter.empty() ? "" : how.parameter + ", ";
  return how.name + by + "(" + first + argument + ")";
}

// The part of 1 that a percentile is; empty if it is another reducer.
std::string QuantileOf(Reducer reducer) {
  switch (reducer) {
    case Reducer::kPercentile05:
      return "0.05";
    case Reducer::kPercentile50:
      return "0.5";
    case Reducer::kPercentile95:
      return "0.95";
    case Reducer::kPercentile99:
      return "0.99";
    default:
      return "";
  }
}

Aggregation AggregationOf(Reducer reducer) {
  switch (reducer) {
    case Reducer::kSum:
      return {"sum"};
    case Reducer::kMean:
      return {"avg"};
    case Reducer::kMin:
      return {"min"};
    case Reducer::kMax:
      return {"max"};
    case Reducer::kStddev:
      return {"stddev"};
    case Reducer::kCount:
      return {"count"};
    default:
      return {"quantile", QuantileOf(reducer)};
  }
}

Result<StackdriverQuery> OfHistogram(const std::string& base,
                                     const std::optional<Reducer>& reducer,
                                     const std::string& group_by) {
  if (!reducer) {
    // That adapter's own words; and what to do.
    return Error{ErrorCode::kInvalidArgument,
                 "distributions are not supported, unless a reducer makes one "
                 "number of them, as in reducer=REDUCE_PERCENTILE_95",
                 ""};
  }
  const Aggregation sum = AggregationOf(Reducer::kSum);
  if (*reducer == Reducer::kMean) {
    return StackdriverQuery{
        base + "_count", Aggregate(sum, group_by, Rate(base + "_sum")) + " / " +
                             Aggregate(sum, group_by, Rate(base + "_count"))};
  }
  if (const std::string quantile = QuantileOf(*reducer); !quantile.empty()) {
    const std::string by = group_by.empty() ? "le" : group_by + ",le";
    return StackdriverQuery{
        base + "_bucket", "histogram_quantile(" + quantile + ", " +
                              Aggregate(sum, by, Rate(base + "_bucket")) + ")"};
  }
  return Error{ErrorCode::kInvalidArgument,
               "distributions are not supported with this reducer; there are "
               "REDUCE_MEAN and REDUCE_PERCENTILE_99, _95, _50 and _05",
               ""};
}

}  // namespace

Result<StackdriverQuery> BuildStackdriverQuery(
    const StackdriverName& name, const std::optional<Reducer>& reducer,
    const std::string& group_by) {
  if (name.kind == StackdriverKind::kHistogram) {
    return OfHistogram(name.series, reducer, group_by);
  }
  const std::string series = name.kind == StackdriverKind::kCounter
                                 ? Rate(name.series)
                                 : Select(name.series);
  if (!reducer && group_by.empty())
    return StackdriverQuery{name.series, series};
  return StackdriverQuery{
      name.series, Aggregate(AggregationOf(reducer.value_or(Reducer::kSum)),
                             group_by, series)};
}

}  // namespace sextant::rules
