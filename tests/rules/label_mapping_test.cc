#include "rules/label_mapping.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/result_matchers.h"

namespace sextant::rules {
namespace {

struct CompiledLabels {
  std::optional<LabelMapping> labels;
  std::string problems;
};

CompiledLabels CompileLabels(const std::string& label_template,
                             const std::vector<config::Override>& overrides,
                             const model::ResourceTable& table,
                             config::Problems problems = {}) {
  config::ResourceMapping mapping;
  mapping.template_.value = label_template;
  mapping.overrides = overrides;
  const std::string file = "f";
  const std::string path = "r";
  CompiledLabels compiled;
  compiled.labels = LabelMapping::Compile(mapping, table,
                                          FieldReporter(file, path, problems));
  for (const config::Problem& p : problems.all()) {
    compiled.problems += p.field + ": " + p.message + "; " + p.advice + "\n";
  }
  return compiled;
}

std::string NameOf(const model::Resource* resource) {
  return resource == nullptr ? "none" : resource->group_resource().ToString();
}

TEST(LabelMapping, ReadsLabelsByTemplate) {
  const auto table = model::ResourceTable::BuiltIn();
  const std::string optional_group =
      "<<.Resource>><<if .Group>>_<<.Group>><<end>>";
  struct LabelCase {
    std::string text;
    std::string label;
    std::string resource;
  };
  for (const LabelCase& c : std::vector<LabelCase>{
           {"<<.Resource>>", "pod", "pods"},
           {"<<.Resource>>", "PODS", "pods"},
           {"<<.Resource>>", "job", "jobs.batch"},
           {"<<.Resource>>", "podlist", "none"},
           {"<<.Resource>>", "", "none"},
           {"kube_<<.Resource>>", "kube_pod", "pods"},
           {"kube_<<.Resource>>", "xkube_pod", "none"},
           {"label.<<.Resource>>", "label.pod", "pods"},
           {"label.<<.Resource>>", "labelXpod", "none"},  // a dot is a dot
           {"k_<<.Group>>_<<.Resource>>", "k_apps_deployment",
            "deployments.apps"},
           {"k_<<.Group>>_<<.Resource>>", "k_networking_ingress",
            "ingresses.networking.k8s.io"},
           {"k_<<.Group>>_<<.Resource>>", "k_networking_k8s_io_ingress",
            "ingresses.networking.k8s.io"},
           {"k_<<.Group>>_<<.Resource>>", "k__pod", "none"},
           {optional_group, "pod", "pods"},
           {optional_group, "deployment", "none"},
           {optional_group, "deployment_apps", "deployments.apps"},
           {optional_group, "ingress_networking_k8s_io",
            "ingresses.networking.k8s.io"},
           {"<<.Resource>>_<<.Resource>>", "pod_pod", "pods"},
           {"<<.Resource>>_<<.Resource>>", "a_pod", "none"},
       }) {
    SCOPED_TRACE(c.text + " " + c.label);
    const CompiledLabels compiled = CompileLabels(c.text, {}, table);
    ASSERT_TRUE(compiled.labels.has_value()) << compiled.problems;
    EXPECT_EQ(NameOf(compiled.labels->ResourceFor(c.label)), c.resource);
  }
}

TEST(LabelMapping, ReadsBackTheLabelsThatItGives) {
  const auto table = model::ResourceTable::BuiltIn();
  for (const char* text : {"<<.Resource>>", "a.<<.Resource>>_b",
                           "<<.Resource>><<if .Group>>_<<.Group>><<end>>",
                           "<<if .Group>><<.Group>>_<<end>><<.Resource>>"}) {
    SCOPED_TRACE(text);
    const CompiledLabels compiled = CompileLabels(text, {}, table);
    ASSERT_TRUE(compiled.labels.has_value()) << compiled.problems;
    for (const model::Resource& resource : table.resources()) {
      const Result<std::string> label = compiled.labels->LabelFor(resource);
      ASSERT_THAT(label, IsOk());
      EXPECT_EQ(NameOf(compiled.labels->ResourceFor(*label)), NameOf(&resource))
          << *label;
    }
  }
}

TEST(LabelMapping, PrefersOverridesAndOfThoseTheFirst) {
  const auto table = model::ResourceTable::BuiltIn();
  const CompiledLabels compiled = CompileLabels("<<.Resource>>",
                                                {{"pod_name", "", "Pod", {}},
                                                 {"pod2", "", "pods", {}},
                                                 {"node", "", "service", {}}},
                                                table);
  EXPECT_EQ(compiled.problems,
            "r.resources.overrides.pod2: names pods as label \"pod_name\" "
            "does; queries use \"pod_name\", which comes first; keep one of "
            "the two\n");
  ASSERT_TRUE(compiled.labels.has_value());
  const LabelMapping& labels = *compiled.labels;
  EXPECT_EQ(*labels.LabelFor(*table.Find("", "pods")), "pod_name");
  EXPECT_EQ(*labels.LabelFor(*table.Find("", "nodes")), "node");
  EXPECT_EQ(NameOf(labels.ResourceFor("pod_name")), "pods");
  EXPECT_EQ(NameOf(labels.ResourceFor("pod2")), "pods");
  EXPECT_EQ(NameOf(labels.ResourceFor("pod")), "pods");
  EXPECT_EQ(NameOf(labels.ResourceFor("node")), "services");
  EXPECT_EQ(labels.override_labels(),
            (std::vector<std::string>{"pod_name", "pod2", "node"}));
  EXPECT_TRUE(labels.has_template());
}

TEST(LabelMapping, SaysWhichResourceHasNoLabel) {
  const auto table = model::ResourceTable::BuiltIn();
  const CompiledLabels none = CompileLabels("", {}, table);
  ASSERT_TRUE(none.labels.has_value());
  EXPECT_THAT(none.labels->LabelFor(*table.Find("apps", "deployments")),
              FailsWith(ErrorCode::kInvalidArgument,
                        "unable to convert resource deployments.apps into "
                        "label: no generic resource label form specified for "
                        "this metric"));
  const CompiledLabels grouped =
      CompileLabels("<<if .Group>><<.Resource>><<end>>", {}, table);
  ASSERT_TRUE(grouped.labels.has_value()) << grouped.problems;
  EXPECT_THAT(grouped.labels->LabelFor(*table.Find("", "pods")),
              FailsWith(ErrorCode::kInvalidArgument,
                        "unable to convert resource pods into label: empty "
                        "label produced by label template"));
}

TEST(LabelMapping, ReportsEverythingThatIsWrong) {
  const auto table = model::ResourceTable::BuiltIn();
  const std::string advice = "write a label name with <<.Resource>> in it\n";
  struct WrongCase {
    std::string text;
    std::vector<config::Override> overrides;
    std::string problems;
  };
  for (const WrongCase& c : std::vector<WrongCase>{
           {"<<.Resource",
            {{"a", "", "pood", {}},
             {"b", "apps", "pod", {}},
             {"c", "extensions", "deployment", {}},
             {"d", "apps", "", {}},
             {"e", "", "xyzzyplugh", {}}},
            "r.resources.overrides.a.resource: there is no resource \"pood\"; "
            "did you mean \"pod\"?\n"
            "r.resources.overrides.b.resource: group \"apps\" has no resource "
            "\"pod\"; it is in the core group: leave `group` out\n"
            "r.resources.overrides.c.resource: group \"extensions\" has no "
            "resource \"deployment\"; it is in group \"apps\"\n"
            "r.resources.overrides.d.resource: has no `resource`; name one, "
            "singular or plural\n"
            "r.resources.overrides.e.resource: there is no resource "
            "\"xyzzyplugh\"; give its singular or plural name; short names are "
            "not known\n"
            "r.resources.template: line 1, column 1: unclosed action; " +
                advice},
           {"kube_<<.Group>>",
            {},
            "r.resources.template: it must include at least <<.Resource>>; " +
                advice},
           {"<</* c */>>",
            {},
            "r.resources.template: it yields nothing; " + advice},
           {"<<.Nope>>",
            {},
            "r.resources.template: template: resource-label:1:2: executing "
            "\"resource-label\" at <.Nope>: can't evaluate field Nope: the "
            "fields are Group, Resource; " +
                advice},
       }) {
    SCOPED_TRACE(c.text);
    const CompiledLabels compiled = CompileLabels(c.text, c.overrides, table);
    EXPECT_FALSE(compiled.labels.has_value());
    EXPECT_EQ(compiled.problems, c.problems);
  }
}

TEST(LabelMapping, PassesOverWhatAClusterMayGetLater) {
  const std::vector<config::Override> overrides = {
      {"queue", "kueue.x-k8s.io", "localqueue", {}}, {"pod", "", "pod", {}}};
  const config::Problems in_a_cluster(config::Problems::Missing::kMayCome);
  const auto before = model::ResourceTable::BuiltIn();
  const CompiledLabels early =
      CompileLabels("", overrides, before, in_a_cluster);
  ASSERT_TRUE(early.labels.has_value());
  EXPECT_EQ(early.problems,
            "r.resources.overrides.queue.resource: group \"kueue.x-k8s.io\" "
            "has no resource \"localqueue\" yet; give its singular or plural "
            "name; short names are not known; the label names nothing until "
            "there is one\n");
  EXPECT_EQ(NameOf(early.labels->ResourceFor("queue")), "none");
  EXPECT_EQ(NameOf(early.labels->ResourceFor("pod")), "pods");

  const auto after = before.With({{"kueue.x-k8s.io", "v1", "localqueues",
                                   "localqueue", "LocalQueue", true}});
  const CompiledLabels late = CompileLabels("", overrides, after, in_a_cluster);
  ASSERT_TRUE(late.labels.has_value());
  EXPECT_EQ(late.problems, "");
  EXPECT_EQ(NameOf(late.labels->ResourceFor("queue")),
            "localqueues.kueue.x-k8s.io");

  EXPECT_FALSE(
      CompileLabels("", {{"a", "", "", {}}}, before, in_a_cluster).labels);
}

}  // namespace
}  // namespace sextant::rules
