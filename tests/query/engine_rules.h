// Rules, series and requests that the tests of the engine share.

#pragma once

#include <string>
#include <vector>

#include "world.h"

namespace sextant::query {

constexpr char kRules[] = R"(
rules:
- seriesQuery: '{namespace!=""}'
  resources: {template: '<<.Resource>>'}
  name: {matches: '^(.*)_total$', as: '${1}_per_second'}
  metricsQuery: 'sum(rate(<<.Series>>{<<.LabelMatchers>>}[2m])) by (<<.GroupBy>>)'
- seriesQuery: 'node_load'
  resources: {overrides: {node: {resource: node}}}
  metricsQuery: 'sum(<<.Series>>{<<.LabelMatchers>>}) by (<<.GroupBy>>)'
- seriesQuery: 'nsless'
  resources: {overrides: {pod: {resource: pod}}}
  metricsQuery: 'sum(<<.Series>>{<<.LabelMatchers>>}) by (<<.GroupBy>>)'
- seriesQuery: 'ratio'
  nan: none
  resources: {overrides: {namespace: {resource: namespace}, pod: {resource: pod}}}
  metricsQuery: '<<.Series>>{<<.LabelMatchers>>}'
)";

inline std::vector<model::Labels> AllSeries() {
  return {{{"__name__", "hits_total"}, {"namespace", "shop"}, {"pod", "web-0"}},
          {{"__name__", "node_load"}, {"node", "n1"}},
          {{"__name__", "nsless"}, {"pod", "web-0"}},
          {{"__name__", "ratio"}, {"namespace", "shop"}, {"pod", "web-0"}}};
}

inline CustomRequest Pod(const std::string& name,
                         const std::string& metric = "hits_per_second") {
  CustomRequest request;
  request.resource = "pods";
  request.namespace_ = "shop";
  request.name = name;
  request.metric = metric;
  return request;
}

inline CustomRequest Root(const std::string& resource, const std::string& name,
                          const std::string& metric) {
  CustomRequest request;
  request.resource = resource;
  request.name = name;
  request.metric = metric;
  return request;
}

constexpr char kHitsOfWeb0[] =
    "sum(rate(hits_total{namespace=\"shop\",pod=\"web-0\"}[2m])) by (pod)";

constexpr char kTimeout[] =
    "Timeout: request did not complete within the allotted timeout";
constexpr char kCannotFetch[] =
    "Internal error occurred: unable to fetch metrics";

}  // namespace sextant::query
