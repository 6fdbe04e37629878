#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "sextant/model/labels.h"
#include "sextant/model/object.h"

namespace sextant::kube {

// Objects of one resource, in one namespace or in all, found by their labels.
//
// Kept for thousands of pods, so each text is there once: a label is shared by
// all that carry it, and objects of one namespace with the same labels (the
// pods of a Deployment) are one group.  A selector looks at the groups that
// have the rarest of the labels which it requires by = or in, so what it costs
// depends on what it finds; one without such a requirement looks at each group
// once.  One thread.
class ObjectStore {
 public:
  ObjectStore() = default;
  ObjectStore(const ObjectStore&) = delete;
  ObjectStore& operator=(const ObjectStore&) = delete;

  // Adds the object, or gives the one that is there these labels.
  void Put(const model::ObjectRef& ref, const model::Labels& labels);

  // Nothing happens if there is no such object.
  void Remove(const model::ObjectRef& ref);

  std::size_t size() const { return size_; }

  // What model::ObjectLister promises for this namespace, name and selector;
  // nothing else of the request counts.
  std::vector<std::string> Names(const model::ListRequest& request) const;
  std::vector<model::ObjectMetadata> Metadata(
      const model::ListRequest& request) const;

 private:
  struct Group;
  // A key with a value, and who has it.  The namespace of a group is one too,
  // its key is empty, as no label's can be.
  struct Label {
    const std::string* key;
    const std::string* value;
    std::vector<Group*> groups;
  };
  // Of a group: its namespace, then its labels in the order of their keys.
  using Labels = std::vector<Label*>;
  struct Object {
    Group* group = nullptr;
    std::size_t at = 0;  // in the group's list
  };
  using Objects = std::map<std::string, Object>;  // by name
  using Entry = Objects::value_type;
  // The objects of one namespace that have the same labels.
  struct Group {
    const Labels* labels = nullptr;
    std::vector<Entry*> objects;

    const std::string& namespace_() const { return *labels->front()->value; }
    const std::string* ValueOf(const std::string& key) const;
  };
  struct Found {
    const Group* group;
    const Entry* entry;
  };

  Label* Intern(const std::string& key, const std::string& value);
  Group& GroupOf(const model::ObjectRef& ref, const model::Labels& labels);
  // Takes the object out of its group, which may end by that.
  void Leave(const Object& object);
  void Drop(const Label& label);

  const Label* FindLabel(const std::string& key,
                         const std::string& value) const;
  std::vector<const Group*> Candidates(const model::ListRequest& request) const;
  // In no order, unless there is no selector.
  std::vector<Found> Find(const model::ListRequest& request) const;
  void Append(const Objects& objects, const std::string& name,
              std::vector<Found>& found) const;

  // Maps, because what is in them is pointed at.
  std::map<std::string, std::map<std::string, Label>> labels_;  // key, value
  std::map<Labels, Group> groups_;
  std::map<std::string, Objects> objects_;  // by namespace
  std::size_t size_ = 0;
};

}  // namespace sextant::kube
