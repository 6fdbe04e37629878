#include "kube/object_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace sextant::kube {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

model::ListRequest Where(const std::string& namespace_,
                         const std::string& selector,
                         const std::string& name = "") {
  model::ListRequest request;
  request.namespace_ = namespace_;
  request.selector = *model::Selector::Parse(selector);
  request.name = name;
  return request;
}

TEST(ObjectStore, FindsByNamespaceSelectorAndName) {
  ObjectStore store;
  store.Put({"shop", "web-1"}, {{"app", "web"}, {"tier", "front"}});
  store.Put({"shop", "web-0"}, {{"app", "web"}, {"tier", "front"}});
  store.Put({"shop", "db-0"}, {{"app", "db"}, {"index", "7"}});
  store.Put({"bank", "web-0"}, {{"app", "web"}});
  store.Put({"bank", "bare"}, {});

  struct Case {
    std::string namespace_;
    std::string selector;
    std::string name;
    std::vector<std::string> names;
  };
  const Case cases[] = {
      {"shop", "", "", {"db-0", "web-0", "web-1"}},
      {"", "", "", {"bare", "db-0", "web-0", "web-1"}},
      {"shop", "app=web", "", {"web-0", "web-1"}},
      {"", "app=web", "", {"web-0", "web-1"}},
      {"bank", "app in (web,db)", "", {"web-0"}},
      {"bank", "app=db", "", {}},
      {"", "app=web,!tier", "", {"web-0"}},
      {"", "!app", "", {"bare"}},
      {"", "index>6", "", {"db-0"}},
      {"", "app!=web", "", {"bare", "db-0"}},
      {"nowhere", "app=web", "", {}},
      {"nowhere", "", "", {}},
      {"shop", "app=nobody", "", {}},
      {"shop", "", "web-0", {"web-0"}},
      {"shop", "app=db", "web-0", {}},
      {"", "", "web-0", {"web-0"}},
      {"shop", "", "web", {}},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.namespace_ + "/" + c.name + "?" + c.selector);
    EXPECT_EQ(store.Names(Where(c.namespace_, c.selector, c.name)), c.names);
  }
  EXPECT_EQ(store.size(), 5u);
}

TEST(ObjectStore, GivesObjectsInOrderOfNamespaceAndName) {
  ObjectStore store;
  store.Put({"shop", "web-1"}, {{"app", "web"}});
  store.Put({"shop", "web-0"}, {{"app", "web"}, {"tier", "front"}});
  store.Put({"bank", "web-2"}, {{"app", "web"}});
  using model::ObjectMetadata;
  EXPECT_THAT(store.Metadata(Where("", "app")),
              ElementsAre(ObjectMetadata{{"bank", "web-2"}, {{"app", "web"}}},
                          ObjectMetadata{{"shop", "web-0"},
                                         {{"app", "web"}, {"tier", "front"}}},
                          ObjectMetadata{{"shop", "web-1"}, {{"app", "web"}}}));
  EXPECT_THAT(store.Metadata(Where("", "", "web-2")),
              ElementsAre(ObjectMetadata{{"bank", "web-2"}, {{"app", "web"}}}));
}

TEST(ObjectStore, HoldsClusterScopedObjects) {
  ObjectStore store;
  store.Put({"", "node-1"}, {{"zone", "a"}});
  store.Put({"", "node-0"}, {{"zone", "b"}});
  EXPECT_THAT(store.Names(Where("", "")), ElementsAre("node-0", "node-1"));
  EXPECT_THAT(store.Names(Where("", "zone=b")), ElementsAre("node-0"));
  EXPECT_THAT(store.Names(Where("shop", "")), IsEmpty());
}

TEST(ObjectStore, AChangedObjectIsFoundByItsNewLabelsOnly) {
  ObjectStore store;
  store.Put({"shop", "web-0"}, {{"app", "web"}});
  store.Put({"shop", "web-0"}, {{"app", "web"}, {"canary", ""}});
  EXPECT_THAT(store.Names(Where("shop", "canary")), ElementsAre("web-0"));
  EXPECT_THAT(store.Names(Where("shop", "app=web,!canary")), IsEmpty());
  EXPECT_EQ(store.size(), 1u);
  store.Remove({"shop", "web-0"});
  store.Remove({"shop", "web-0"});
  store.Remove({"bank", "web-0"});
  EXPECT_THAT(store.Names(Where("", "")), IsEmpty());
  EXPECT_EQ(store.size(), 0u);
}

// Texts from small sets, so that the same come again and again.
class Dice {
 public:
  std::size_t Below(std::size_t n) { return engine_() % n; }

  model::ObjectRef Ref() {
    return {"n" + std::to_string(Below(4)), "o" + std::to_string(Below(40))};
  }
  std::string Key() { return "k" + std::to_string(Below(4)); }
  std::string Value() {
    const std::size_t value = Below(7);
    return value == 0 ? "" : value == 1 ? "x" : std::to_string(value);
  }
  model::Labels Labels() {
    model::Labels labels;
    for (std::size_t i = Below(4); i > 0; --i) labels[Key()] = Value();
    return labels;
  }
  std::string Requirement() {
    const std::string key = Key();
    switch (Below(8)) {
      case 0:
        return key;
      case 1:
        return "!" + key;
      case 2:
        return key + "!=" + Value();
      case 3:
        return key + " in (" + Value() + "," + Value() + ")";
      case 4:
        return key + " notin (" + Value() + "," + Value() + ")";
      case 5:
        return key + ">" + std::to_string(Below(6));
      case 6:
        return key + "<" + std::to_string(Below(6));
      default:
        return key + "=" + Value();
    }
  }
  std::string Selector() {
    std::string text;
    for (std::size_t i = Below(4); i > 0; --i) {
      text += (text.empty() ? "" : ",") + Requirement();
    }
    return text;
  }

 private:
  std::mt19937 engine_{20261125};  // NOLINT: the same numbers each time
};

TEST(ObjectStore, AnswersAsSelectorsMatchWhateverHappenedToTheObjects) {
  Dice dice;
  ObjectStore store;
  std::map<model::ObjectRef, model::Labels> truth;
  for (int round = 0; round < 3000; ++round) {
    const model::ObjectRef changed = dice.Ref();
    if (dice.Below(3) == 0) {
      store.Remove(changed);
      truth.erase(changed);
    } else {
      const model::Labels labels = dice.Labels();
      store.Put(changed, labels);
      truth[changed] = labels;
    }
    const std::size_t which = dice.Below(5);
    const model::ListRequest request =
        Where(which == 4 ? "" : "n" + std::to_string(which), dice.Selector(),
              dice.Below(8) == 0 ? dice.Ref().name : "");
    SCOPED_TRACE(request.namespace_ + "/" + request.name + "?" +
                 request.selector.ToString());
    std::vector<model::ObjectMetadata> objects;
    std::set<std::string> names;
    for (const auto& [ref, labels] : truth) {
      if (!request.namespace_.empty() && ref.namespace_ != request.namespace_) {
        continue;
      }
      if (!request.name.empty() && ref.name != request.name) continue;
      if (!request.selector.Matches(labels)) continue;
      objects.push_back({ref, labels});
      names.insert(ref.name);
    }
    ASSERT_EQ(store.Metadata(request), objects);
    ASSERT_EQ(store.Names(request),
              std::vector<std::string>(names.begin(), names.end()));
    ASSERT_EQ(store.size(), truth.size());
  }
  for (const auto& [ref, labels] : truth) store.Remove(ref);
  EXPECT_THAT(store.Metadata(Where("", "")), IsEmpty());
}

}  // namespace
}  // namespace sextant::kube
