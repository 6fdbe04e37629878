// The answers of the metrics APIs as Kubernetes' protocol buffers.  Pure; any
// thread.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "metric_list.h"
#include "resource_list.h"
#include "sextant/query/engine.h"
#include "sextant/query/resource_engine.h"

namespace sextant::api {

// MetricValueList, ExternalMetricValueList: as metric_list.h has them in JSON.
std::string CustomMetricProtobuf(const CustomListHead& head,
                                 const std::vector<query::ObjectValue>& values);
std::string ExternalMetricProtobuf(
    std::string_view metric, const std::vector<query::ExternalValue>& values);

// PodMetricsList, NodeMetricsList and their items: as resource_list.h.
std::string ResourceListProtobuf(
    const ResourceHead& head, const std::vector<query::ResourceUsage>& items);
std::string ResourceItemProtobuf(const ResourceHead& head,
                                 const query::ResourceUsage& item);

}  // namespace sextant::api
