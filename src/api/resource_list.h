// The bodies of metrics.k8s.io's answers.  Pure; any thread.

#pragma once

#include <string>
#include <string_view>

#include "sextant/base/clock.h"
#include "sextant/query/resource_engine.h"
#include "sextant/rules/resource_rules.h"

namespace sextant::api {

// What the items of an answer have in common.
struct ResourceHead {
  std::string_view version;  // "v1", "v1beta1": the same but for this word
  rules::Measured what = rules::Measured::kPods;
  Duration window{0};
  // The creationTimestamp, since the objects' own is of no use here.
  TimePoint now;
};

// "PodMetrics" or "NodeMetrics".
std::string_view KindOf(rules::Measured what);

// PodMetricsList or NodeMetricsList, one line with its newline.
std::string ResourceList(const ResourceHead& head,
                         const std::vector<query::ResourceUsage>& items);

// PodMetrics or NodeMetrics.
std::string ResourceItem(const ResourceHead& head,
                         const query::ResourceUsage& item);

// The ObjectMeta of an item: {"name":...}.
void AppendMetadata(std::string& out, const ResourceHead& head,
                    const query::ResourceUsage& item);

// An item with its kind and version, without a newline.
void AppendTypedItem(std::string& out, const ResourceHead& head,
                     const query::ResourceUsage& item);

}  // namespace sextant::api
