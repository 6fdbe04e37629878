// Three levels, each pointing at the one below and back:
//
//   labels   (namespace)=shop   app=web    app=db
//                  |     \      /            |
//   groups      {shop, app=web}      {shop, app=db}
//                  |        \                |
//   objects      web-0     web-1            db-0
//
// "app in (web,cart)" in the namespace shop: app=web has one group and app=cart
// none, the namespace has two; so the one group of the former is looked at.

#include "object_store.h"

#include <algorithm>
#include <utility>

namespace sextant::kube {
namespace {

using Operator = model::Requirement::Operator;

const std::string kNamespace;  // the key of the label that a namespace is

}  // namespace

const std::string* ObjectStore::Group::ValueOf(const std::string& key) const {
  for (const Label* label : *labels) {
    if (*label->key == key) return label->value;
  }
  return nullptr;
}

ObjectStore::Label* ObjectStore::Intern(const std::string& key,
                                        const std::string& value) {
  const auto values = labels_.try_emplace(key).first;
  const auto [found, is_new] = values->second.try_emplace(value);
  Label& label = found->second;
  if (is_new) {
    label.key = &values->first;
    label.value = &found->first;
  }
  return &label;
}

ObjectStore::Group& ObjectStore::GroupOf(const model::ObjectRef& ref,
                                         const model::Labels& labels) {
  Labels interned;
  interned.reserve(labels.size() + 1);
  interned.push_back(Intern(kNamespace, ref.namespace_));
  for (const auto& [key, value] : labels) {
    // What no API server lets through would be taken for the namespace.
    if (key != kNamespace) interned.push_back(Intern(key, value));
  }
  const auto [found, is_new] = groups_.try_emplace(std::move(interned));
  Group& group = found->second;
  if (is_new) {
    group.labels = &found->first;
    for (Label* label : found->first) label->groups.push_back(&group);
  }
  return group;
}

void ObjectStore::Put(const model::ObjectRef& ref,
                      const model::Labels& labels) {
  Group& group = GroupOf(ref, labels);
  Objects& objects = objects_[ref.namespace_];
  const auto [found, is_new] = objects.try_emplace(ref.name);
  Object& object = found->second;
  if (object.group == &group) return;
  if (is_new) {
    ++size_;
  } else {
    Leave(object);
  }
  object = {&group, group.objects.size()};
  group.objects.push_back(&*found);
}

void ObjectStore::Remove(const model::ObjectRef& ref) {
  const auto objects = objects_.find(ref.namespace_);
  if (objects == objects_.end()) return;
  const auto found = objects->second.find(ref.name);
  if (found == objects->second.end()) return;
  Leave(found->second);
  objects->second.erase(found);
  if (objects->second.empty()) objects_.erase(objects);
  --size_;
}

void ObjectStore::Leave(const Object& object) {
  Group& group = *object.group;
  group.objects[object.at] = group.objects.back();
  group.objects[object.at]->second.at = object.at;
  group.objects.pop_back();
  if (!group.objects.empty()) return;

  const auto ended = groups_.find(*group.labels);
  for (Label* label : ended->first) {
    std::vector<Group*>& groups = label->groups;
    *std::find(groups.begin(), groups.end(), &group) = groups.back();
    groups.pop_back();
    if (groups.empty()) Drop(*label);
  }
  groups_.erase(ended);
}

void ObjectStore::Drop(const Label& label) {
  const auto values = labels_.find(*label.key);
  values->second.erase(values->second.find(*label.value));
  if (values->second.empty()) labels_.erase(values);
}

const ObjectStore::Label* ObjectStore::FindLabel(
    const std::string& key, const std::string& value) const {
  const auto values = labels_.find(key);
  if (values == labels_.end()) return nullptr;
  const auto found = values->second.find(value);
  return found == values->second.end() ? nullptr : &found->second;
}

// The groups that have one of some labels, for the labels that leave fewest.
std::vector<const ObjectStore::Group*> ObjectStore::Candidates(
    const model::ListRequest& request) const {
  std::vector<std::vector<const Label*>> choices;
  const auto require = [&](const std::string& key,
                           const std::vector<std::string>& values) {
    std::vector<const Label*>& labels = choices.emplace_back();
    for (const std::string& value : values) {
      const Label* const label = FindLabel(key, value);
      if (label != nullptr) labels.push_back(label);
    }
  };
  if (!request.namespace_.empty()) require(kNamespace, {request.namespace_});
  for (const model::Requirement& r : request.selector.requirements()) {
    if (r.op == Operator::kEquals || r.op == Operator::kIn) {
      require(r.key, r.values);
    }
  }

  std::vector<const Group*> groups;
  if (choices.empty()) {
    groups.reserve(groups_.size());
    for (const auto& [labels, group] : groups_) groups.push_back(&group);
    return groups;
  }
  const auto count = [](const std::vector<const Label*>& labels) {
    std::size_t sum = 0;
    for (const Label* label : labels) sum += label->groups.size();
    return sum;
  };
  const auto fewest = std::min_element(
      choices.begin(), choices.end(),
      [&](const auto& a, const auto& b) { return count(a) < count(b); });
  for (const Label* label : *fewest) {
    groups.insert(groups.end(), label->groups.begin(), label->groups.end());
  }
  return groups;
}

void ObjectStore::Append(const Objects& objects, const std::string& name,
                         std::vector<Found>& found) const {
  if (!name.empty()) {
    const auto one = objects.find(name);
    if (one != objects.end()) found.push_back({one->second.group, &*one});
    return;
  }
  for (const Entry& entry : objects) {
    found.push_back({entry.second.group, &entry});
  }
}

std::vector<ObjectStore::Found> ObjectStore::Find(
    const model::ListRequest& request) const {
  const auto fits = [&](const Group& group) {
    const auto& all = request.selector.requirements();
    return std::all_of(all.begin(), all.end(), [&](const auto& requirement) {
      return requirement.Fits(group.ValueOf(requirement.key));
    });
  };
  std::vector<Found> found;
  if (request.selector.empty() || !request.name.empty()) {
    if (request.namespace_.empty()) {
      for (const auto& [name, objects] : objects_) {
        Append(objects, request.name, found);
      }
    } else if (const auto objects = objects_.find(request.namespace_);
               objects != objects_.end()) {
      Append(objects->second, request.name, found);
    }
    std::erase_if(found, [&](const Found& f) { return !fits(*f.group); });
    return found;
  }
  for (const Group* group : Candidates(request)) {
    if (!request.namespace_.empty() &&
        group->namespace_() != request.namespace_) {
      continue;
    }
    if (!fits(*group)) continue;
    for (const Entry* entry : group->objects) found.push_back({group, entry});
  }
  return found;
}

std::vector<std::string> ObjectStore::Names(
    const model::ListRequest& request) const {
  std::vector<const std::string*> found;
  for (const Found& f : Find(request)) found.push_back(&f.entry->first);
  // One namespace without a selector is in order.
  const auto before = [](const std::string* a, const std::string* b) {
    return *a < *b;
  };
  if (!std::is_sorted(found.begin(), found.end(), before)) {
    std::sort(found.begin(), found.end(), before);
  }
  std::vector<std::string> names;
  names.reserve(found.size());
  for (const std::string* name : found) {
    // Several namespaces may have objects of one name.
    if (names.empty() || names.back() != *name) names.push_back(*name);
  }
  return names;
}

std::vector<model::ObjectMetadata> ObjectStore::Metadata(
    const model::ListRequest& request) const {
  std::vector<Found> found = Find(request);
  const auto before = [](const Found& a, const Found& b) {
    if (a.group != b.group) {
      const int order = a.group->namespace_().compare(b.group->namespace_());
      if (order != 0) return order < 0;
    }
    return a.entry->first < b.entry->first;
  };
  // Without a selector they are in order.
  if (!std::is_sorted(found.begin(), found.end(), before)) {
    std::sort(found.begin(), found.end(), before);
  }
  std::vector<model::ObjectMetadata> objects;
  objects.reserve(found.size());
  for (const Found& f : found) {
    model::ObjectMetadata& object = objects.emplace_back();
    object.ref = {f.group->namespace_(), f.entry->first};
    for (const Label* label : *f.group->labels) {
      if (!label->key->empty())
        object.labels.emplace(*label->key, *label->value);
    }
  }
  return objects;
}

}  // namespace sextant::kube
