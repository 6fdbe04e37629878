#include "config_fields.h"

#include <optional>
#include <utility>

#include "sextant/base/result.h"
#include "sextant/base/text.h"
#include "shorten.h"

namespace sextant::config {

namespace {

struct Home {
  std::string_view key;
  std::string_view where;
};

// Where the keys of the format belong, for those that stand elsewhere, which is
// nearly always a slip of indentation.
constexpr Home kHomes[] = {
    {"rules", "the top level"},
    {"externalRules", "the top level"},
    {"resourceRules", "the top level"},
    {"stackdriver", "the top level"},
    {"backends", "the top level"},
    {"circuitBreaker", "a backend"},
    {"failover", "a backend"},
    {"shards", "a backend"},
    {"shardedBy", "a backend"},
    {"seriesQuery", "a rule"},
    {"backend", "a rule, resourceRules or stackdriver"},
    {"seriesFilters", "a rule"},
    {"metricsQuery", "a rule"},
    {"nan", "a rule"},
    {"resources", "a rule"},
    {"name", "a rule"},
    {"is", "an item of seriesFilters"},
    {"isNot", "an item of seriesFilters"},
    {"matches", "name"},
    {"as", "name"},
    {"overrides", "resources"},
    {"template", "resources"},
    {"namespaced", "resources"},
    {"resource", "an override"},
    {"group", "an override"},
    {"cpu", "resourceRules"},
    {"memory", "resourceRules"},
    {"window", "resourceRules"},
    {"containerQuery", "resourceRules.cpu and resourceRules.memory"},
    {"nodeQuery", "resourceRules.cpu and resourceRules.memory"},
    {"clusterLabels", "stackdriver"},
    {"serviceMetrics", "stackdriver"},
    {"containerLabel", "resourceRules.cpu and resourceRules.memory"},
};

std::string AdviceFor(const std::string& key,
                      const std::vector<std::string>& known) {
  for (const std::string& candidate : known) {
    if (EqualsIgnoringCase(candidate, key)) {
      return "write \"" + candidate + "\": letter case matters";
    }
  }
  for (const Home& home : kHomes) {
    if (home.key == key) {
      return "it belongs to " + std::string(home.where) +
             ": check the indentation";
    }
  }
  if (const std::optional<std::string> near =
          NearestWord(Shortened(key), known)) {
    return "did you mean \"" + *near + "\"?";
  }
  return "known here: " + Join(known, ", ");
}

Result<std::string> TakeText(const YamlNode& node) {
  if (node.is_scalar()) return node.scalar;
  return Error{ErrorCode::kInvalidArgument,
               "must be a text, not " + Describe(node), ""};
}

}  // namespace

std::string Describe(const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::kNull:
      return "null";
    case YamlNode::Kind::kSequence:
      return "a list";
    case YamlNode::Kind::kMap:
      return "a map";
    case YamlNode::Kind::kScalar:
      break;
  }
  return GoQuote(Shortened(node.scalar));
}

void ReportUnknownKey(const YamlEntry& entry, const Place& place,
                      std::string_view what,
                      const std::vector<std::string>& known) {
  place.Key(entry.key).Error(
      entry.at,
      std::string(what) + " has no key " + GoQuote(Shortened(entry.key)),
      AdviceFor(entry.key, known));
}

void TakeFields(const YamlNode& node, const Place& place, std::string_view what,
                const std::vector<Field>& fields) {
  std::vector<std::string> known;
  known.reserve(fields.size());
  for (const Field& field : fields) known.push_back(field.key);

  if (node.is_null()) return;
  if (!node.is_map()) {
    place.Error(node.at,
                std::string(what) + " must be a map, not " + Describe(node),
                "known keys: " + Join(known, ", "));
    return;
  }
  for (const YamlEntry& entry : node.entries) {
    const Field* field = nullptr;
    for (const Field& candidate : fields) {
      if (candidate.key == entry.key) field = &candidate;
    }
    if (field == nullptr) {
      ReportUnknownKey(entry, place, what, known);
    } else if (!entry.value->is_null()) {
      field->take(*entry.value, place.Key(entry.key));
    }
  }
}

void TakeItems(const YamlNode& node, const Place& place, std::string_view what,
               const std::function<void(const YamlNode&, const Place&)>& take) {
  if (!node.is_sequence()) {
    place.Error(
        node.at,
        "must be a list of " + std::string(what) + ", not " + Describe(node),
        "begin each item with a dash");
    return;
  }
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    take(*node.items[i], place.Item(i));
  }
}

Field TextField(std::string key, std::string& out) {
  return {std::move(key), [&out](const YamlNode& node, const Place& place) {
            Result<std::string> text = TakeText(node);
            if (!text) {
              place.Error(node.at, text.error().message);
              return;
            }
            out = *std::move(text);
          }};
}

Field TextField(std::string key, Located<std::string>& out) {
  return {std::move(key), [&out](const YamlNode& node, const Place& place) {
            Result<std::string> text = TakeText(node);
            if (!text) {
              place.Error(node.at, text.error().message);
              return;
            }
            out = {*std::move(text), node.at};
          }};
}

}  // namespace sextant::config
