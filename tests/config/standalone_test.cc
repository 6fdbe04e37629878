#include "sextant/config/standalone.h"

#include <gtest/gtest.h>

#include <string>

#include "support/result_matchers.h"

namespace sextant::config {
namespace {

// "v1 Pod default/a {x=y}", one a line; or the error.
std::string Objects(const std::string& text) {
  const auto objects = ParseStandaloneObjects("f", text);
  if (!objects) return objects.error().message;
  std::string lines;
  for (const StandaloneObject& object : *objects) {
    lines += object.api_version + " " + object.kind + " " + object.namespace_ +
             "/" + object.name + " {";
    for (const auto& [name, value] : object.labels) {
      lines += name + "=" + value + ",";
    }
    lines += "}\n";
  }
  return lines;
}

TEST(StandaloneObjects, AreReadAsKubectlPrintsThem) {
  const struct {
    std::string what;
    std::string text;
    std::string want;
  } cases[] = {
      {"nothing", "", ""},
      {"a list in JSON",
       R"({"apiVersion": "v1", "kind": "List", "items": [
            {"apiVersion": "v1", "kind": "Pod", "metadata":
              {"name": "a", "namespace": "n", "labels": {"x": "y", "z": ""}},
             "spec": {"containers": []}},
            {"apiVersion": "apps/v1", "kind": "Deployment",
             "metadata": {"name": "b", "namespace": "n", "labels": null}}],
          "metadata": {"resourceVersion": ""}})",
       "v1 Pod n/a {x=y,z=,}\napps/v1 Deployment n/b {}\n"},
      {"an object in JSON",
       R"({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "a"}})",
       "v1 Node /a {}\n"},
      {"several in JSON",
       R"({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "a}"}}
          {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "\"b"}})",
       "v1 Node /a} {}\nv1 Node /\"b {}\n"},
      {"a list of one kind, as the API answers",
       R"({"kind": "PodList", "apiVersion": "v1", "items": [
            {"metadata": {"name": "a", "namespace": "n"}}]})",
       "v1 Pod n/a {}\n"},
      {"an empty list", R"({"kind": "List", "apiVersion": "v1", "items": []})",
       ""},
      {"a list without items",
       R"({"kind": "PodList", "apiVersion": "v1", "items": null})", ""},
      {"a list in YAML",
       "apiVersion: v1\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata:\n"
       "    labels:\n      x: \"true\"\n      y: plain\n    name: a\n"
       "    namespace: n\n- apiVersion: v1\n  kind: Pod\n  metadata:\n"
       "    name: b\n    namespace: n\nkind: List\nmetadata:\n"
       "  resourceVersion: \"\"\n",
       "v1 Pod n/a {x=true,y=plain,}\nv1 Pod n/b {}\n"},
      {"several in YAML",
       "---\napiVersion: v1\nkind: Node\nmetadata: {name: a}\n---\n---\n"
       "apiVersion: v1\nkind: Node\nmetadata: {name: b}\n",
       "v1 Node /a {}\nv1 Node /b {}\n"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.what);
    EXPECT_EQ(Objects(c.text), c.want);
  }
}

TEST(StandaloneObjects, SayWhatIsWrongAndWhere) {
  const struct {
    std::string text;
    std::string want;
  } cases[] = {
      {R"({"kind": "List", "apiVersion": "v1", "items": [{"kind": "Pod",
           "apiVersion": "v1", "metadata": {}}, {"kind": 5}, 7]})",
       "f: items[0].metadata.name: is missing\n"
       "f: items[1].kind: must be a text\n"
       "f: items[1].apiVersion: is missing\n"
       "f: items[1].metadata: is missing; give what kubectl get ... -o json or "
       "-o yaml prints\n"
       "f: items[2]: must be a Kubernetes object; give what kubectl get ... -o "
       "json or -o yaml prints"},
      {"apiVersion: v1\nkind: Pod\nmetadata:\n  name: ''\n  labels:\n"
       "    a: [b]\n",
       "f:4:9: metadata.name: must not be empty\n"
       "f:6:8: metadata.labels.a: must be a text"},
      {"apiVersion: v1\nkind: Pod\nmetadata: {name: a, labels: b}\n",
       "f:3:29: metadata.labels: must be a map"},
      {"apiVersion: v1\nkind: PodList\nitems: 5\n",
       "f:3:8: items: must be a list"},
      {"just a text\n",
       "f:1:1: must be a Kubernetes object; give what kubectl get ... -o json "
       "or -o yaml prints"},
      {"apiVersion: v1\napiVersion: v1\nkind: Node\nmetadata: {name: a}\n",
       "f:2:1: apiVersion: \"apiVersion\" is given twice, first on line 1; "
       "remove one of the two"},
      {"apiVersion: v1\nkind: Node\nmetadata: {name: a}\n---\n- a: \"b\n",
       "f:5:6: [0].a: the quoted text is never closed; check the quotes; is "
       "the end of the file missing?"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    EXPECT_EQ(Objects(c.text), c.want);
  }
}

TEST(StandaloneObjects, RefuseBrokenJson) {
  for (const std::string text :
       {"{\"kind\": \"Pod\"", "{} x", "{\"a\": \"b", "{]", "{}{"}) {
    SCOPED_TRACE(text);
    const auto objects = ParseStandaloneObjects("f", text);
    ASSERT_FALSE(objects);
    EXPECT_EQ(objects.error().code, ErrorCode::kInvalidArgument);
    EXPECT_EQ(objects.error().message.rfind("f: ", 0), 0U)
        << objects.error().message;
  }
}

TEST(StandaloneObjects, AreReadByTheThousand) {
  std::string items;
  for (int i = 0; i < 5000; ++i) {
    items += std::string(i == 0 ? "" : ",") +
             R"({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p)" +
             std::to_string(i) + R"(", "namespace": "n"}})";
  }
  const auto objects = ParseStandaloneObjects(
      "f", R"({"kind": "List", "apiVersion": "v1", "items": [)" + items + "]}");
  ASSERT_THAT(objects, IsOk());
  EXPECT_EQ(objects->size(), 5000U);
  EXPECT_EQ(objects->back().name, "p4999");
}

TEST(StandaloneResources, AreReadAsTheApiPrintsThem) {
  const std::string text =
      R"({"kind": "APIResourceList", "apiVersion": "v1",
          "groupVersion": "argoproj.io/v1alpha1", "resources": [
            {"name": "rollouts", "singularName": "rollout", "namespaced": true,
             "kind": "Rollout", "verbs": ["get"]},
            {"name": "rollouts/scale", "singularName": "", "namespaced": true,
             "group": "autoscaling", "version": "v1", "kind": "Scale"},
            {"name": "clusters", "singularName": "", "namespaced": false,
             "kind": "Cluster"}]}
         {"kind": "APIResourceList", "groupVersion": "v1", "resources": [
            {"name": "pods", "singularName": "pod", "namespaced": true,
             "kind": "Pod"}]})";
  const auto resources = ParseStandaloneResources("f", text);
  ASSERT_THAT(resources, IsOk());
  const std::vector<model::Resource> want = {
      {"argoproj.io", "v1alpha1", "rollouts", "rollout", "Rollout", true},
      {"argoproj.io", "v1alpha1", "clusters", "cluster", "Cluster", false},
      {"", "v1", "pods", "pod", "Pod", true},
  };
  EXPECT_EQ(*resources, want);

  const auto from_yaml = ParseStandaloneResources(
      "f",
      "kind: APIResourceList\ngroupVersion: apps/v1\nresources:\n"
      "- {name: deployments, singularName: deployment, namespaced: true, "
      "kind: Deployment}\n");
  ASSERT_THAT(from_yaml, IsOk());
  const std::vector<model::Resource> deployments = {
      {"apps", "v1", "deployments", "deployment", "Deployment", true}};
  EXPECT_EQ(*from_yaml, deployments);
}

TEST(StandaloneResources, SayWhatIsWrongAndWhere) {
  const struct {
    std::string text;
    std::string want;
  } cases[] = {
      {"kind: APIGroupList\n",
       "f:1:1: kind: must be APIResourceList, not \"APIGroupList\"; give what "
       "kubectl get --raw /apis/GROUP/VERSION prints"},
      {"- a\n",
       "f:1:1: must be an APIResourceList; give what kubectl get --raw "
       "/apis/GROUP/VERSION prints"},
      {"kind: APIResourceList\n",
       "f:1:1: groupVersion: is missing\nf:1:1: resources: must be a list"},
      {"kind: APIResourceList\ngroupVersion: v1\nresources:\n- a\n"
       "- {name: pods, kind: Pod}\n- {kind: Pod, namespaced: 'true'}\n",
       "f:4:3: resources[0]: must be a map\n"
       "f:5:3: resources[1].namespaced: must be true or false\n"
       "f:6:3: resources[2].name: is missing\n"
       "f:6:27: resources[2].namespaced: must be true or false"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    const auto resources = ParseStandaloneResources("f", c.text);
    EXPECT_THAT(resources, FailsWith(ErrorCode::kInvalidArgument, c.want));
  }
}

}  // namespace
}  // namespace sextant::config
