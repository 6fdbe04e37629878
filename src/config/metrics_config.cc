#include "sextant/config/metrics_config.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "backends_reader.h"
#include "config_fields.h"
#include "pasted.h"
#include "sextant/base/text.h"
#include "sextant/base/time_text.h"
#include "stackdriver_field.h"
#include "yaml_reader.h"

namespace sextant::config {

namespace {

template <typename Words>
bool IsOneOf(const std::string& text, const Words& words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

// https://yaml.org/type/bool.html
constexpr std::array<std::string_view, 11> kTrue = {
    "true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON", "y", "Y"};
constexpr std::array<std::string_view, 11> kFalse = {
    "false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF", "n", "N"};

Field BoolField(std::string key, std::optional<bool>& out) {
  return {
      std::move(key), [&out](const YamlNode& node, const Place& place) {
        const bool is_true = IsOneOf(node.scalar, kTrue);
        if (node.is_scalar() && (is_true || IsOneOf(node.scalar, kFalse))) {
          if (node.plain) {
            out = is_true;
            return;
          }
          place.Error(node.at,
                      "must be true or false, not the text " + Describe(node),
                      "leave the quotes out");
          return;
        }
        place.Error(node.at, "must be true or false, not " + Describe(node));
      }};
}

Field NanField(NanPolicy& out) {
  return {"nan", [&out](const YamlNode& node, const Place& place) {
            if (node.scalar == "zero") {
              out = NanPolicy::kZero;
            } else if (node.scalar == "none") {
              out = NanPolicy::kNone;
            } else {
              place.Error(node.at,
                          "must be zero or none, not " + Describe(node),
                          "zero: not a number counts as 0; none: it counts as "
                          "no value");
            }
          }};
}

Field WindowField(Duration& out) {
  return {"window", [&out](const YamlNode& node, const Place& place) {
            if (!node.is_scalar()) {
              place.Error(node.at, "must be a duration, not " + Describe(node),
                          "write it like 5m or 1h30m");
              return;
            }
            const Result<Duration> window =
                ParsePrometheusDuration(node.scalar);
            if (!window) {
              place.Error(node.at, window.error().message,
                          "write it like 5m or 1h30m: whole numbers with the "
                          "units y w d h m s ms, largest first");
              return;
            }
            out = *window;
          }};
}

Field FiltersField(std::vector<SeriesFilter>& out) {
  return {"seriesFilters", [&out](const YamlNode& node, const Place& place) {
            TakeItems(node, place, "filters",
                      [&out](const YamlNode& item, const Place& item_place) {
                        SeriesFilter filter;
                        filter.at = item.at;
                        TakeFields(item, item_place, "a filter",
                                   {TextField("is", filter.is),
                                    TextField("isNot", filter.is_not)});
                        out.push_back(std::move(filter));
                      });
          }};
}

void TakeOverrides(const YamlNode& node, const Place& place,
                   std::vector<Override>& out) {
  if (!node.is_map()) {
    place.Error(node.at,
                "must be a map of labels to resources, not " + Describe(node),
                "write LABEL: {resource: NAME}");
    return;
  }
  for (const YamlEntry& entry : node.entries) {
    Override mapped;
    mapped.label = entry.key;
    mapped.at = entry.at;
    TakeFields(*entry.value, place.Key(entry.key), "an override",
               {TextField("group", mapped.group),
                TextField("resource", mapped.resource)});
    out.push_back(std::move(mapped));
  }
}

Field ResourcesField(ResourceMapping& out) {
  return {"resources", [&out](const YamlNode& node, const Place& place) {
            out.at = node.at;
            TakeFields(node, place, "resources",
                       {TextField("template", out.template_),
                        {"overrides",
                         [&out](const YamlNode& map, const Place& map_place) {
                           TakeOverrides(map, map_place, out.overrides);
                         }},
                        BoolField("namespaced", out.namespaced)});
          }};
}

Field NameField(Rule& rule) {
  return {"name", [&rule](const YamlNode& node, const Place& place) {
            TakeFields(node, place, "name",
                       {TextField("matches", rule.name_matches),
                        TextField("as", rule.name_as)});
          }};
}

void TakeRules(const YamlNode& node, const Place& place,
               std::vector<Rule>& out) {
  TakeItems(
      node, place, "rules",
      [&out](const YamlNode& item, const Place& item_place) {
        Rule rule;
        rule.path = item_place.path;
        rule.at = item.at;
        TakeFields(
            item, item_place, "a rule",
            {TextField("seriesQuery", rule.series_query),
             FiltersField(rule.series_filters), ResourcesField(rule.resources),
             NameField(rule), TextField("metricsQuery", rule.metrics_query),
             NanField(rule.nan), TextField("backend", rule.backend)});
        out.push_back(std::move(rule));
      });
}

Field RulesField(std::string key, std::vector<Rule>& out) {
  return {std::move(key), [&out](const YamlNode& node, const Place& place) {
            TakeRules(node, place, out);
          }};
}

Field ResourceRuleField(std::string key, ResourceRule& out) {
  return {std::move(key), [&out](const YamlNode& node, const Place& place) {
            TakeFields(node, place, "a resource rule",
                       {TextField("containerQuery", out.container_query),
                        TextField("nodeQuery", out.node_query),
                        ResourcesField(out.resources),
                        TextField("containerLabel", out.container_label)});
          }};
}

void TakeResourceRules(const YamlNode& node, const Place& place,
                       std::optional<ResourceRules>& out) {
  ResourceRules& rules = out.emplace();
  rules.cpu.path = place.Key("cpu").path;
  rules.memory.path = place.Key("memory").path;
  TakeFields(node, place, "resourceRules",
             {ResourceRuleField("cpu", rules.cpu),
              ResourceRuleField("memory", rules.memory),
              WindowField(rules.window), TextField("backend", rules.backend)});
}

Field ResourceRulesField(std::string key, std::optional<ResourceRules>& out) {
  return {std::move(key), [&out](const YamlNode& node, const Place& place) {
            TakeResourceRules(node, place, out);
          }};
}

// A key without a value leaves the default, which here is "no such names": not
// what anybody means who writes it.
void ReportEmptyStackdriver(const YamlNode& root, const Place& place) {
  const YamlEntry* entry = root.Find("stackdriver");
  if (entry == nullptr || !entry->value->is_null()) return;
  place.Key("stackdriver")
      .Error(entry->at, "has no value",
             "write \"stackdriver: {}\", or leave the key out");
}

Field BackendsField(std::string key, MetricsConfig& config) {
  return {std::move(key), [&config](const YamlNode& node, const Place& place) {
            config.backends_content = ContentOf(node);
            TakeBackends(node, place, config.backends);
          }};
}

// Every rule's backend must be one that there is.
void CheckBackends(const Place& place, const MetricsConfig& config) {
  const std::vector<std::string> names = NamesOfBackends(config.backends);
  const auto check = [&](const std::string& path,
                         const Located<std::string>& chosen) {
    if (chosen.at.line == 0 || IsOneOf(chosen.value, names)) return;
    const std::optional<std::string> near =
        NearestWord(Shortened(chosen.value), names);
    Place{place.file, place.problems, path}.Key("backend").Error(
        chosen.at, "there is no backend " + GoQuote(Shortened(chosen.value)),
        near ? "did you mean \"" + *near + "\"?"
             : "known: " + Join(names, ", "));
  };
  for (const auto* rules : {&config.rules, &config.external_rules}) {
    for (const Rule& rule : *rules) check(rule.path, rule.backend);
  }
  if (config.resource_rules) {
    check("resourceRules", config.resource_rules->backend);
  }
  if (config.stackdriver) check("stackdriver", config.stackdriver->backend);
}

// A single rule where the list of them belongs: the dash was forgotten.
bool IsRule(const YamlNode& node) {
  return node.Find("seriesQuery") != nullptr ||
         node.Find("metricsQuery") != nullptr;
}

// True if that was said of `node`, the value of `key`.
bool ReportMissingDash(const YamlNode& root, const Place& place,
                       const std::string& key) {
  const YamlEntry* entry = root.Find(key);
  if (entry == nullptr || !IsRule(*entry->value)) return false;
  place.Key(key).Error(entry->value->at,
                       "must be a list of rules, not one rule",
                       "begin each rule with a dash: \"- seriesQuery: ...\"");
  return true;
}

void TakePasted(const PastedRules& pasted, const Place& place,
                MetricsConfig& config) {
  const Place rules = place.Key("rules");
  if (pasted.custom != nullptr && !pasted.custom->is_null()) {
    TakeRules(*pasted.custom, rules.Key("custom"), config.rules);
  }
  if (pasted.external != nullptr && !pasted.external->is_null()) {
    TakeRules(*pasted.external, rules.Key("external"), config.external_rules);
  }
  if (pasted.resource != nullptr && !pasted.resource->is_null()) {
    TakeResourceRules(*pasted.resource, rules.Key("resource"),
                      config.resource_rules);
  }
}

void TakeConfig(const YamlNode& root, const Place& place,
                MetricsConfig& config) {
  if (root.is_sequence()) {
    place.Error(root.at, "the file must be a map, not a list",
                "put \"rules:\" above a list of rules");
    return;
  }
  PastedRules pasted;
  if (ReportPasted(root, place, pasted)) {
    ReportMissingDash(root, place, "rules");
    TakePasted(pasted, place, config);
    return;
  }
  std::vector<Field> fields = {
      RulesField("rules", config.rules),
      RulesField("externalRules", config.external_rules),
      ResourceRulesField("resourceRules", config.resource_rules),
      StackdriverField(config.stackdriver), BackendsField("backends", config)};
  for (Field& field : fields) {
    if (ReportMissingDash(root, place, field.key)) {
      field.take = [](const YamlNode&, const Place&) {};
    }
  }
  ReportEmptyStackdriver(root, place);
  TakeFields(root, place, "the file", fields);
}

}  // namespace

MetricsConfig ParseMetricsConfig(const std::string& file, std::string_view text,
                                 Problems& problems) {
  MetricsConfig config;
  config.file = file;
  const std::vector<YamlNodePtr> documents =
      ReadYaml(file, text, YamlLimits{}, problems);
  if (!documents.empty()) {
    const Place place{file, problems, ""};
    TakeConfig(*documents.front(), place, config);
    CheckBackends(place, config);
  }
  return config;
}

}  // namespace sextant::config
