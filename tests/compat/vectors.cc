#include "compat/vectors.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <string>

#include "support/source_dir.h"

namespace sextant::compat {

namespace {

const YAML::Node& File() {
  static const YAML::Node file = [] {
    const char* other = std::getenv("SEXTANT_VECTORS");
    return YAML::LoadFile(
        other != nullptr ? std::string(other)
                         : std::string(kSourceDir) +
                               "/tests/compat/vectors/prometheus-adapter.yaml");
  }();
  return file;
}

}  // namespace

YAML::Node Group(const std::string& group) {
  const YAML::Node node = File()[group];
  if (!node.IsDefined()) ADD_FAILURE() << "no group " << group;
  return node;
}

std::vector<Case> Cases(const std::string& group, const std::string& key) {
  const YAML::Node whole = Group(group);
  const YAML::Node list = whole.IsMap() ? whole[key] : whole;
  const std::string path = whole.IsMap() ? group + "." + key : group;

  std::vector<Case> cases;
  if (list.IsDefined() && list.IsSequence()) {
    for (const YAML::Node& node : list) {
      Case c;
      c.node = node;
      if (node.IsMap()) {
        c.id = Text(node, "id");
        c.deviate = Text(node, "deviate") == "true";
      }
      if (c.id.empty()) c.id = path + "[" + std::to_string(cases.size()) + "]";
      cases.push_back(std::move(c));
    }
  }
  if (cases.empty()) ADD_FAILURE() << "no cases in " << path;
  return cases;
}

std::string Text(const YAML::Node& map, const std::string& key) {
  const YAML::Node value = map[key];
  return value.IsDefined() && value.IsScalar() ? value.Scalar() : "";
}

bool Has(const YAML::Node& map, const std::string& key) {
  return map[key].IsDefined();
}

Report::~Report() {
  std::cout << "compat." << group_ << ": " << agree_
            << " cases agree, deviations: " << followed_ << " followed, "
            << not_followed_ << " not\n";
}

void Report::Agrees(const Case& c) {
  ++agree_;
  if (c.deviate) ++followed_;
}

void Report::NotFollowed(const Case& c, const std::string& reason) {
  ++not_followed_;
  std::cout << "compat." << group_ << ": " << c.id
            << " is not followed: " << reason << "\n";
}

}  // namespace sextant::compat
