#include "sextant/model/resource.h"

#include <algorithm>
#include <utility>

#include "sextant/base/text.h"

namespace sextant::model {

std::string GroupResource::ToString() const {
  return group.empty() ? resource : resource + "." + group;
}

GroupResource GroupResource::Parse(std::string_view text) {
  const std::size_t dot = text.find('.');
  if (dot == std::string_view::npos) return {"", std::string(text)};
  return {std::string(text.substr(dot + 1)), std::string(text.substr(0, dot))};
}

ResourceTable ResourceTable::Build(std::vector<Resource> resources) {
  ResourceTable table;
  for (Resource& resource : resources) {
    if (resource.plural.find('/') != std::string::npos) continue;
    if (resource.singular.empty()) {
      resource.singular = AsciiLower(resource.kind);
    }
    table.resources_.push_back(std::move(resource));
  }
  return table;
}

const Resource* ResourceTable::Find(std::string_view group,
                                    std::string_view name) const {
  const std::string wanted = AsciiLower(name);
  const auto named = [&wanted](const Resource& resource) {
    return resource.plural == wanted || resource.singular == wanted;
  };
  const auto find = [&](auto&& in_group) -> const Resource* {
    const auto found = std::find_if(
        resources_.begin(), resources_.end(), [&](const Resource& resource) {
          return in_group(resource.group) && named(resource);
        });
    return found == resources_.end() ? nullptr : &*found;
  };

  if (group.empty()) {
    const Resource* core = find([](const std::string& g) { return g.empty(); });
    return core != nullptr ? core
                           : find([](const std::string&) { return true; });
  }
  const Resource* exact =
      find([&](const std::string& g) { return g == group; });
  if (exact != nullptr) return exact;
  return find([&](const std::string& g) { return g.starts_with(group); });
}

ResourceTable ResourceTable::With(std::vector<Resource> more) const {
  more.insert(more.end(), resources_.begin(), resources_.end());
  return Build(std::move(more));
}

ResourceTable ResourceTable::BuiltIn() {
  constexpr bool kNamespaced = true;
  constexpr bool kCluster = false;
  return Build({
      {"", "v1", "pods", "pod", "Pod", kNamespaced},
      {"", "v1", "services", "service", "Service", kNamespaced},
      {"", "v1", "namespaces", "namespace", "Namespace", kCluster},
      {"", "v1", "nodes", "node", "Node", kCluster},
      {"", "v1", "persistentvolumes", "persistentvolume", "PersistentVolume",
       kCluster},
      {"", "v1", "persistentvolumeclaims", "persistentvolumeclaim",
       "PersistentVolumeClaim", kNamespaced},
      {"", "v1", "replicationcontrollers", "replicationcontroller",
       "ReplicationController", kNamespaced},
      {"", "v1", "configmaps", "configmap", "ConfigMap", kNamespaced},
      {"", "v1", "secrets", "secret", "Secret", kNamespaced},
      {"", "v1", "serviceaccounts", "serviceaccount", "ServiceAccount",
       kNamespaced},
      {"", "v1", "endpoints", "endpoints", "Endpoints", kNamespaced},
      {"", "v1", "events", "event", "Event", kNamespaced},
      {"", "v1", "limitranges", "limitrange", "LimitRange", kNamespaced},
      {"", "v1", "resourcequotas", "resourcequota", "ResourceQuota",
       kNamespaced},
      {"apps", "v1", "deployments", "deployment", "Deployment", kNamespaced},
      {"apps", "v1", "statefulsets", "statefulset", "StatefulSet", kNamespaced},
      {"apps", "v1", "daemonsets", "daemonset", "DaemonSet", kNamespaced},
      {"apps", "v1", "replicasets", "replicaset", "ReplicaSet", kNamespaced},
      {"batch", "v1", "jobs", "job", "Job", kNamespaced},
      {"batch", "v1", "cronjobs", "cronjob", "CronJob", kNamespaced},
      {"autoscaling", "v2", "horizontalpodautoscalers",
       "horizontalpodautoscaler", "HorizontalPodAutoscaler", kNamespaced},
      {"networking.k8s.io", "v1", "ingresses", "ingress", "Ingress",
       kNamespaced},
      {"networking.k8s.io", "v1", "ingressclasses", "ingressclass",
       "IngressClass", kCluster},
      {"networking.k8s.io", "v1", "networkpolicies", "networkpolicy",
       "NetworkPolicy", kNamespaced},
      {"policy", "v1", "poddisruptionbudgets", "poddisruptionbudget",
       "PodDisruptionBudget", kNamespaced},
      {"storage.k8s.io", "v1", "storageclasses", "storageclass", "StorageClass",
       kCluster},
      {"argoproj.io", "v1alpha1", "rollouts", "rollout", "Rollout",
       kNamespaced},
  });
}

}  // namespace sextant::model
