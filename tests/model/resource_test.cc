#include "sextant/model/resource.h"

#include <gtest/gtest.h>

namespace sextant::model {
namespace {

TEST(GroupResource, IsSplitAtTheFirstDot) {
  EXPECT_EQ(GroupResource::Parse("pods"), (GroupResource{"", "pods"}));
  EXPECT_EQ(GroupResource::Parse("ingresses.networking.k8s.io"),
            (GroupResource{"networking.k8s.io", "ingresses"}));
  EXPECT_EQ((GroupResource{"apps", "deployments"}).ToString(),
            "deployments.apps");
  EXPECT_EQ((GroupResource{"", "pods"}).ToString(), "pods");
}

TEST(ResourceTable, FindsByEitherNameInAnyCase) {
  const ResourceTable table = ResourceTable::BuiltIn();
  const struct {
    const char* wanted;
    const char* found;  // null: nothing
  } cases[] = {
      {"pods", "pods"},
      {"pod", "pods"},
      {"POD", "pods"},
      {"deployment", "deployments.apps"},
      {"deployments.apps", "deployments.apps"},
      {"deployments.app", "deployments.apps"},
      {"deployments.extensions", nullptr},
      {"ingress.networking", "ingresses.networking.k8s.io"},
      {"rollouts.argoproj.io", "rollouts.argoproj.io"},
      {"job", "jobs.batch"},
      {"endpoints", "endpoints"},
      {"endpoint", nullptr},
      {"po", nullptr},
      {"deploy", nullptr},
      {"list", nullptr},
      {"podlist", nullptr},
      {"pods.v1", nullptr},
      {"", nullptr},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.wanted);
    const Resource* found = table.Find(GroupResource::Parse(c.wanted));
    if (c.found == nullptr) {
      EXPECT_EQ(found, nullptr);
    } else {
      ASSERT_NE(found, nullptr);
      EXPECT_EQ(found->group_resource().ToString(), c.found);
    }
  }
}

TEST(ResourceTable, PrefersTheCoreGroupAndThenTheOrderGiven) {
  const ResourceTable table = ResourceTable::Build({
      {"metrics.k8s.io", "v1beta1", "pods", "", "PodMetrics", true},
      {"extensions", "v1beta1", "ingresses", "ingress", "Ingress", true},
      {"networking.k8s.io", "v1", "ingresses", "ingress", "Ingress", true},
      {"", "v1", "pods", "pod", "Pod", true},
      {"", "v1", "pods/log", "", "Pod", true},
  });
  EXPECT_EQ(table.Find("", "pods")->kind, "Pod");
  EXPECT_EQ(table.Find("", "ingress")->group, "extensions");
  EXPECT_EQ(table.Find("", "podmetrics")->plural, "pods");
  EXPECT_EQ(table.resources().size(), 4U);
}

TEST(ResourceTable, WithMorePrefersTheAdditions) {
  const ResourceTable table =
      ResourceTable::BuiltIn().With({{"example.com", "v1", "deployments",
                                      "deployment", "Deployment", false}});
  EXPECT_EQ(table.Find("", "deployment")->group, "example.com");
  EXPECT_EQ(table.Find("apps", "deployment")->group, "apps");
}

}  // namespace
}  // namespace sextant::model
