#include "metric_protobuf.h"

#include <chrono>
#include <map>

#include "protobuf.h"
#include "request_path.h"
#include "sextant/model/quantity.h"

namespace sextant::api {
namespace {

using model::Requirement;

// metav1.Time, to the second as in JSON.
ProtoMessage Time(TimePoint time) {
  const auto seconds =
      std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch());
  return ProtoMessage().Integer(1, seconds.count()).Integer(2, 0);
}

ProtoMessage Quantity(const std::string& text) {
  return ProtoMessage().Text(1, text);
}

ProtoMessage Entry(std::string_view key, std::string_view value) {
  return ProtoMessage().Text(1, key).Text(2, value);
}

ProtoMessage LabelSelector(const model::Selector& selector) {
  ProtoMessage message;
  std::map<std::string_view, std::string_view> equal;
  for (const Requirement& requirement : selector.requirements()) {
    if (requirement.op == Requirement::Operator::kEquals) {
      equal[requirement.key] = requirement.values.front();
    }
  }
  for (const auto& [key, value] : equal) message.Message(1, Entry(key, value));
  for (const Requirement& requirement : selector.requirements()) {
    const std::string_view op = ExpressionName(requirement.op);
    if (op.empty()) continue;
    ProtoMessage expression;
    expression.Text(1, requirement.key).Text(2, op);
    for (const std::string& value : requirement.values) {
      expression.Text(3, value);
    }
    message.Message(2, expression);
  }
  return message;
}

// ObjectReference: uid, resourceVersion and fieldPath are empty.
ProtoMessage Reference(const query::ObjectValue& value) {
  const model::Resource& resource = value.resource;
  return ProtoMessage()
      .Text(1, resource.kind)
      .Text(2, value.namespace_)
      .Text(3, value.name)
      .Text(4, "")
      .Text(5, resource.group + "/" + resource.version)
      .Text(6, "")
      .Text(7, "");
}

ProtoMessage CustomValue(const CustomListHead& head,
                         const query::ObjectValue& value) {
  const bool first_version = head.version == "v1beta1";
  const ProtoMessage quantity = Quantity(model::FormatMilli(value.milli));
  ProtoMessage message;
  message.Message(1, Reference(value));
  if (first_version) {
    message.Text(2, head.metric);
  } else {
    ProtoMessage identifier;
    identifier.Text(1, head.metric);
    if (!head.metric_selector.empty()) {
      identifier.Message(2, LabelSelector(head.metric_selector));
    }
    message.Message(2, identifier);
  }
  message.Message(3, Time(value.time)).Message(5, quantity);
  if (first_version && !head.metric_selector.empty()) {
    message.Message(6, LabelSelector(head.metric_selector));
  }
  return message;
}

// A map entry of resource names.
ProtoMessage UsageEntry(std::string_view name, const std::string& quantity) {
  return ProtoMessage().Text(1, name).Message(2, Quantity(quantity));
}

void AddUsage(ProtoMessage& message, std::uint32_t field,
              const query::Usage& usage) {
  if (usage.cpu_milli) {
    message.Message(field,
                    UsageEntry("cpu", model::FormatMilli(*usage.cpu_milli)));
  }
  if (usage.memory_milli) {
    message.Message(
        field,
        UsageEntry("memory", model::FormatMilliBinary(*usage.memory_milli)));
  }
}

ProtoMessage Metadata(const ResourceHead& head,
                      const query::ResourceUsage& item) {
  ProtoMessage message;
  message.Text(1, item.object.ref.name)
      .Text(3, item.object.ref.namespace_)
      .Message(8, Time(head.now));
  for (const auto& [name, value] : item.object.labels) {
    message.Message(11, Entry(name, value));
  }
  return message;
}

ProtoMessage ResourceMessage(const ResourceHead& head,
                             const query::ResourceUsage& item) {
  const auto window =
      std::chrono::duration_cast<std::chrono::nanoseconds>(head.window);
  ProtoMessage message;
  message.Message(1, Metadata(head, item))
      .Message(2, Time(item.time))
      .Message(3, ProtoMessage().Integer(1, window.count()));
  if (head.what == rules::Measured::kNodes) {
    AddUsage(message, 4, item.usages.front());
    return message;
  }
  for (const query::Usage& usage : item.usages) {
    ProtoMessage container;
    container.Text(1, usage.container);
    AddUsage(container, 2, usage);
    message.Message(4, container);
  }
  return message;
}

std::string GroupVersion(std::string_view group, std::string_view version) {
  return std::string(group) + "/" + std::string(version);
}

}  // namespace

std::string CustomMetricProtobuf(
    const CustomListHead& head, const std::vector<query::ObjectValue>& values) {
  ProtoMessage list;
  list.Message(1, ListMeta());
  for (const query::ObjectValue& value : values) {
    list.Message(2, CustomValue(head, value));
  }
  return KubernetesProtobuf(GroupVersion(kCustomGroup, head.version),
                            "MetricValueList", list);
}

std::string ExternalMetricProtobuf(
    std::string_view metric, const std::vector<query::ExternalValue>& values) {
  ProtoMessage list;
  list.Message(1, ListMeta());
  for (const query::ExternalValue& value : values) {
    ProtoMessage item;
    item.Text(1, metric);
    if (value.labels) {
      for (const auto& [name, text] : *value.labels) {
        item.Message(2, Entry(name, text));
      }
    }
    item.Message(3, Time(value.time))
        .Message(5, Quantity(model::FormatMilli(value.milli)));
    list.Message(2, item);
  }
  return KubernetesProtobuf(GroupVersion(kExternalGroup, "v1beta1"),
                            "ExternalMetricValueList", list);
}

std::string ResourceListProtobuf(
    const ResourceHead& head, const std::vector<query::ResourceUsage>& items) {
  ProtoMessage list;
  list.Message(1, ListMeta());
  for (const query::ResourceUsage& item : items) {
    list.Message(2, ResourceMessage(head, item));
  }
  return KubernetesProtobuf(GroupVersion(kResourceGroup, head.version),
                            std::string(KindOf(head.what)) + "List", list);
}

std::string ResourceItemProtobuf(const ResourceHead& head,
                                 const query::ResourceUsage& item) {
  return KubernetesProtobuf(GroupVersion(kResourceGroup, head.version),
                            KindOf(head.what), ResourceMessage(head, item));
}

}  // namespace sextant::api
