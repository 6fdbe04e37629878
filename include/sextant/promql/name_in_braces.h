#pragma once

#include <string>
#include <string_view>

namespace sextant::promql {

// A query in which a metric's name stands as it is, with the name in braces
// where PromQL can write it nowhere else: of "my.metric"
//
//   rate(my.metric{pod="a"}[5m])
//   rate({__name__="my.metric",pod="a"}[5m])
//
// which every Prometheus and VictoriaMetrics reads.  What a template puts
// directly before or behind the name (my.metric_total) belongs to it.  Names in
// braces, strings, comments and ranges stay, and so does all of the query if
// `name` can be written bare.  A name that begins with a digit may be a number,
// and is a name only where braces follow.  Pure; looks at the text only, which
// need not be PromQL.
std::string WithNameInBraces(std::string_view query, std::string_view name);

}  // namespace sextant::promql
