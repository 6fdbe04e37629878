// The recorded cases of prometheus-adapter, and how a test walks over a group:
//
//   Report report("name_mapping");
//   for (const Case& c : Cases("name_mapping")) {
//     SCOPED_TRACE(c.id);
//     const std::string got = ...;
//     if (c.deviate && got != Text(c.node, "api_name")) {
//       report.NotFollowed(c, "why we answer differently");
//       continue;
//     }
//     EXPECT_EQ(got, Text(c.node, "api_name"));
//     report.Agrees(c);
//   }

#pragma once

#include <yaml-cpp/yaml.h>

#include <string>
#include <vector>

namespace sextant::compat {

struct Case {
  std::string id;  // of the file; "group.key[3]" where the file gives none
  YAML::Node node;
  bool deviate = false;  // a behaviour that need not be copied
};

// One group of the file that SEXTANT_VECTORS names, else of the repository's
// own copy, which is read once.  A group that is not there is an undefined node
// and a test failure.
YAML::Node Group(const std::string& group);

// The cases of a group: its elements if it is a list, else the list under
// `key`. None at all is a test failure.
std::vector<Case> Cases(const std::string& group,
                        const std::string& key = "cases");

// The scalar under `key` as it is written; empty if there is none.
std::string Text(const YAML::Node& map, const std::string& key);

// Is there something, if only null, under `key`?
bool Has(const YAML::Node& map, const std::string& key);

// Counts the cases of a group, and prints one line about them at its end:
// "compat.config_load: 41 cases agree, deviations: 0 followed, 0 not".
class Report {
 public:
  explicit Report(std::string group) : group_(std::move(group)) {}
  Report(const Report&) = delete;
  Report& operator=(const Report&) = delete;
  ~Report();

  // We answer as the peer does, be it an answer that need not be copied.
  void Agrees(const Case& c);

  // We answer differently on purpose; `reason` is printed with the case's id.
  void NotFollowed(const Case& c, const std::string& reason);

 private:
  std::string group_;
  int agree_ = 0;
  int followed_ = 0;
  int not_followed_ = 0;
};

}  // namespace sextant::compat
