// Puts recorded requests to the engine: rules from text, a discovery that was
// recorded, and the reply of a Prometheus, which goes through the real backend.

#pragma once

#include <yaml-cpp/yaml.h>

#include <memory>
#include <string>
#include <vector>

#include "sextant/model/labels.h"
#include "sextant/model/resource.h"
#include "sextant/query/engine.h"
#include "sextant/rules/rule_set.h"

namespace sextant::compat {

// What a client gets, as far as the engine decides it.
struct Reply {
  int status = 200;
  std::string message;             // of an error
  std::vector<std::string> items;  // see the functions below
  std::string promql;              // empty: the backend was not asked

  // What the items are texts of.
  std::vector<query::ObjectValue> custom;
  std::vector<query::ExternalValue> external;
};

// "Pod default/p1 (/v1) = 1500m"
std::string CustomItem(const std::string& kind, const std::string& ns,
                       const std::string& name, const std::string& api_version,
                       const std::string& value);

// R"({name="a"} 2024-04-05T19:34:38Z = 1500m)"; "null ..." for a scalar.
std::string ExternalItem(const std::string& labels, const std::string& time,
                         const std::string& value);

// Items of the file as the same texts, one a line.
std::string RecordedCustomItems(const YAML::Node& items);
std::string RecordedExternalItems(const YAML::Node& items);

std::string Lines(const std::vector<std::string>& lines);

// Lines of a list of the file in ascending order, which is the catalog's.
std::string SortedLines(const YAML::Node& list);

// Series of the file: maps of labels, or {name, labels}.
std::vector<model::Labels> ReadSeries(const YAML::Node& list);

// A value of the file as JSON; quoted scalars are strings.
std::string ToJson(const YAML::Node& node);

class Replay {
 public:
  Replay(const std::string& rules,
         std::shared_ptr<const model::ResourceTable> resources);
  ~Replay();

  const rules::RuleSet& rules() const;

  // What a seriesQuery finds, whatever it says.
  void Record(const std::string& series_query,
              const std::vector<model::Labels>& series);
  void Discover();

  // "pods/m namespaced=true", "m" for external metrics; ascending.
  std::vector<std::string> Listing() const;

  void AddObject(const std::string& resource, const std::string& ns,
                 const std::string& name, const model::Labels& labels);
  void ForgetObjects();

  // The `data` of every reply from now on, as JSON.
  void Answer(const std::string& data);

  // Selectors are the texts of the request.
  Reply AskCustom(const std::string& resource, const std::string& ns,
                  const std::string& name, const std::string& metric,
                  const std::string& object_selector = "",
                  const std::string& metric_selector = "");
  Reply AskExternal(const std::string& ns, const std::string& metric,
                    const std::string& selector = "");

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sextant::compat
