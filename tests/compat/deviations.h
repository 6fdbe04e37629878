// Where we answer differently from prometheus-adapter on purpose: the one list,
// which docs/MIGRATING.md explains to users.

#pragma once

#include <yaml-cpp/yaml.h>

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "compat/vectors.h"

namespace sextant::compat {

struct Deviation {
  std::string group;      // of the file
  std::string condition;  // which of its cases, in words
  std::string reason;
  bool (*applies)(const YAML::Node& one_case);
  // What we answer to `what` (as in Expect() below) instead of what is
  // recorded; nothing if that part of the answer must not differ.  Null: we
  // have no answer yet, see Comparison::Later().
  std::optional<std::string> (*ours)(const YAML::Node& one_case,
                                     const std::string& what);
};

const std::vector<Deviation>& Deviations();

// Compares the answers to the cases of one group with the recorded ones.  An
// answer that differs must be what a deviation that applies to the case says,
// else it fails the test, also where the case need not be copied.  At its end,
// a deviation of the group that no case needed fails the test too.
//
// With SEXTANT_VECTORS the file is another one: it may lack what a deviation is
// for, and may have cases that need not be copied and that no deviation knows.
class Comparison {
 public:
  explicit Comparison(const std::string& group)
      : group_(group), report_(group) {}
  Comparison(const Comparison&) = delete;
  Comparison& operator=(const Comparison&) = delete;
  ~Comparison();

  // Of a case that has several answers, one call for each.
  void Expect(const std::string& what, const std::string& recorded,
              const std::string& ours);

  // All answers of the case have been given.
  void Finish(const Case& c);

  // Instead of both: the case is about something that we do not have yet, as a
  // deviation without answers says.
  void Later(const Case& c);

 private:
  struct Difference {
    std::string what;
    std::string recorded;
    std::string ours;
  };

  const Deviation* Find(const Case& c) const;

  std::string group_;
  Report report_;
  std::vector<Difference> differences_;  // of the case so far
  std::set<const Deviation*> met_;
};

}  // namespace sextant::compat
