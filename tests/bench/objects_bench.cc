// What the metadata of objects costs: memory for 10,000 pods, reading their
// list, and time for a selector, beside a pass over all of them; in CPU time.
// No arguments; prints a table in Markdown.

#include <malloc.h>

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <ctime>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "kube/metadata_reader.h"
#include "kube/object_store.h"
#include "sextant/model/object.h"
#include "sextant/model/selector.h"

namespace {

using sextant::kube::ObjectStore;
using sextant::model::ListRequest;
using sextant::model::ObjectMetadata;

constexpr int kPods = 10000;
constexpr int kNamespaces = 50;
constexpr int kReplicas = 20;  // of a Deployment or StatefulSet

enum class Owner { kDeployment, kStatefulSet };

std::string Number(int number, const char* format) {
  char text[32];
  std::snprintf(text, sizeof text, format, number);
  return text;
}

ObjectMetadata Pod(Owner owner, int i) {
  const int workload = i / kReplicas;
  const std::string app = "checkout-" + std::to_string(workload);
  const std::string hash = Number(workload * 7919, "%09x");
  ObjectMetadata pod;
  pod.ref.namespace_ = "team-" + std::to_string(workload % kNamespaces);
  pod.labels = {{"app.kubernetes.io/name", "checkout"},
                {"app.kubernetes.io/instance", app},
                {"app.kubernetes.io/managed-by", "Helm"},
                {"team", pod.ref.namespace_}};
  if (owner == Owner::kDeployment) {
    pod.ref.name = app + "-" + hash + "-" + Number(i * 31, "%05x");
    pod.labels["pod-template-hash"] = hash;
  } else {
    pod.ref.name = app + "-" + std::to_string(i % kReplicas);
    pod.labels["controller-revision-hash"] = hash;
    pod.labels["statefulset.kubernetes.io/pod-name"] = pod.ref.name;
    pod.labels["apps.kubernetes.io/pod-index"] = std::to_string(i % kReplicas);
  }
  return pod;
}

// As an API server writes PartialObjectMetadata, with what we pass over.
std::string Json(const ObjectMetadata& pod) {
  std::string labels;
  std::string managed;
  for (const auto& [key, value] : pod.labels) {
    labels += (labels.empty() ? "\"" : ",\"") + key + "\":\"" + value + "\"";
    managed += (managed.empty() ? "\"f:" : ",\"f:") + key + "\":{}";
  }
  return R"({"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1",)"
         R"("metadata":{"name":")" +
         pod.ref.name + R"(","namespace":")" + pod.ref.namespace_ +
         R"(","uid":"5a5b6f0e-3a0e-4f5e-9d3c-0d7c1d0b9f11",)"
         R"("resourceVersion":"123456","creationTimestamp":)"
         R"("2026-11-25T10:00:00Z","labels":{)" +
         labels +
         R"(},"ownerReferences":[{"apiVersion":"apps/v1","kind":"ReplicaSet",)"
         R"("name":"owner","uid":"5a5b6f0e-3a0e-4f5e-9d3c-0d7c1d0b9f12"}],)"
         R"("managedFields":[{"manager":"kube-controller-manager","operation":)"
         R"("Update","apiVersion":"v1","time":"2026-11-25T10:00:00Z",)"
         R"("fieldsType":"FieldsV1","fieldsV1":{"f:metadata":{"f:labels":{)" +
         managed + "}}}}]}}";
}

// Of this process: others may be busy.
double Milliseconds(const std::function<void()>& work) {
  const std::clock_t start = std::clock();
  work();
  return static_cast<double>(std::clock() - start) * 1000 / CLOCKS_PER_SEC;
}

// Of one call, over as many as take a fifth of a second.
double MicrosecondsOf(const std::function<std::size_t()>& call) {
  std::size_t calls = 0;
  std::size_t found = 0;
  double took = 0;
  while (took < 200) {
    took += Milliseconds([&] { found += call(); });
    ++calls;
  }
  if (found == 0) std::puts("(nothing found)");
  return took * 1000 / static_cast<double>(calls);
}

struct Question {
  const char* what;
  const char* namespace_;
  const char* selector;
};

void Measure(Owner owner, const char* title) {
  std::vector<ObjectMetadata> pods;
  std::string list = R"({"metadata":{"resourceVersion":"1"},"items":[)";
  for (int i = 0; i < kPods; ++i) {
    pods.push_back(Pod(owner, i));
    list += (i > 0 ? "," : "") + Json(pods.back());
  }
  list += "]}";

  const std::size_t before = mallinfo2().uordblks;
  ObjectStore store;
  sextant::kube::ListReader reader([&](const auto& item) {
    store.Put(item.metadata.ref, item.metadata.labels);
  });
  const double read = Milliseconds([&] {
    constexpr std::size_t kPiece = 16384;
    for (std::size_t at = 0; at < list.size(); at += kPiece) {
      if (!reader.Take(std::string_view(list).substr(at, kPiece))) return;
    }
  });
  const std::size_t after = mallinfo2().uordblks;
  std::printf("| %s | memory | %.2f MB | |\n", title,
              static_cast<double>(after - before) / 1e6);
  std::printf("| %s | reading the list, %.1f MB | %.0f ms | |\n", title,
              static_cast<double>(list.size()) / 1e6, read);

  const Question questions[] = {
      {"one workload (20 pods), `=`", "team-7",
       "app.kubernetes.io/instance=checkout-57"},
      {"two workloads (40 pods), `in`", "team-7",
       "app.kubernetes.io/instance in (checkout-57,checkout-107)"},
      {"a namespace but one workload (180 pods), `!=`", "team-7",
       "app.kubernetes.io/instance!=checkout-57"},
      {"all namespaces (10,000 pods), `=`", "",
       "app.kubernetes.io/managed-by=Helm"},
      {"all pods (10,000)", "", ""},
  };
  for (const Question& question : questions) {
    ListRequest request;
    request.namespace_ = question.namespace_;
    request.selector = *sextant::model::Selector::Parse(question.selector);
    const double indexed =
        MicrosecondsOf([&] { return store.Names(request).size(); });
    const double pass = MicrosecondsOf([&] {
      std::vector<std::string> names;
      for (const ObjectMetadata& pod : pods) {
        const bool here = request.namespace_.empty() ||
                          pod.ref.namespace_ == request.namespace_;
        if (here && request.selector.Matches(pod.labels)) {
          names.push_back(pod.ref.name);
        }
      }
      std::sort(names.begin(), names.end());
      return names.size();
    });
    std::printf("| %s | %s | %.1f us | %.0f us |\n", title, question.what,
                indexed, pass);
  }
}

}  // namespace

int main() {
  std::puts("| 10,000 pods of | What | sextant | A pass over all |");
  std::puts("|---|---|---|---|");
  Measure(Owner::kDeployment, "Deployments");
  Measure(Owner::kStatefulSet, "StatefulSets");
}
