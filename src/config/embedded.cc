#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>
#include <utility>

#include "sextant/base/text.h"
#include "sextant/config/check_flags.h"
#include "yaml_reader.h"

namespace sextant::config {

namespace {

std::size_t IndentOf(std::string_view line) {
  const std::size_t indent = line.find_first_not_of(' ');
  return indent == std::string_view::npos ? line.size() : indent;
}

bool IsBlank(std::string_view line) { return Trim(line).empty(); }

// `key: |`, `key: |-`: a block whose lines stand as they are.
bool OpensLiteralBlock(std::string_view line) {
  const std::string_view text = Trim(line);
  return text.ends_with(": |") || text.ends_with(": |-") ||
         text.ends_with(": |+");
}

const YamlNode* MapOf(const YamlNode& map, std::string_view key) {
  const YamlEntry* entry = map.Find(key);
  return entry == nullptr || !entry->value->is_map() ? nullptr
                                                     : entry->value.get();
}

std::vector<EmbeddedConfig> InConfigMap(const YamlNode& data,
                                        const std::vector<std::string>& lines) {
  std::vector<EmbeddedConfig> found;
  for (const YamlEntry& entry : data.entries) {
    const auto opening = static_cast<std::size_t>(entry.at.line) - 1;
    if (opening >= lines.size() || !OpensLiteralBlock(lines[opening]))
      return {};
    const std::size_t outer = IndentOf(lines[opening]);
    EmbeddedConfig config{entry.key, std::string(opening + 1, '\n')};
    for (std::size_t i = opening + 1; i < lines.size(); ++i) {
      if (!IsBlank(lines[i]) && IndentOf(lines[i]) <= outer) break;
      config.text += lines[i] + "\n";
    }
    found.push_back(std::move(config));
  }
  return found;
}

// What the chart makes of the keys under `rules`.
constexpr std::array<std::pair<std::string_view, std::string_view>, 4>
    kChartLists = {{{"custom", "rules"},
                    {"external", "externalRules"},
                    {"resource", "resourceRules"},
                    {"stackdriver", "stackdriver"}}};

// `rules` of values of the prometheus-adapter chart, as they are or as a parent
// chart has them, under the chart's name.
const YamlNode* ChartRules(const YamlNode& root) {
  const auto are_lists = [](const YamlNode* rules) {
    return rules != nullptr &&
           std::any_of(
               kChartLists.begin(), kChartLists.end(),
               [&](const auto& list) { return rules->Find(list.first); });
  };
  if (const YamlNode* rules = MapOf(root, "rules"); are_lists(rules)) {
    return rules;
  }
  for (const YamlEntry& entry : root.entries) {
    const YamlNode* rules = MapOf(*entry.value, "rules");
    if (are_lists(rules)) return rules;
  }
  return nullptr;
}

// The line of `entry` and those of its value, with `key` in place of its own.
// Nothing is moved: a block of YAML may stand further to the right.
bool KeepEntry(const YamlEntry& entry, std::string_view key,
               const std::vector<std::string>& lines,
               std::vector<std::string>& kept) {
  auto i = static_cast<std::size_t>(entry.at.line) - 1;
  const std::size_t outer = IndentOf(lines[i]);
  const std::string_view rest = std::string_view(lines[i]).substr(outer);
  if (!rest.starts_with(entry.key + ":")) return false;
  kept[i] = std::string(key) + std::string(rest.substr(entry.key.size()));
  for (++i; i < lines.size(); ++i) {
    const std::string_view text = Trim(lines[i]);
    const std::size_t indent = IndentOf(lines[i]);
    const bool outside =
        indent < outer || (indent == outer && !text.starts_with('-'));
    if (!text.empty() && !text.starts_with('#') && outside) break;
    kept[i] = lines[i];
  }
  return true;
}

std::vector<EmbeddedConfig> InChartValues(
    const YamlNode& rules, const std::vector<std::string>& lines) {
  std::vector<std::string> kept(lines.size());
  for (const auto& [theirs, ours] : kChartLists) {
    const YamlEntry* entry = rules.Find(theirs);
    // The chart makes nothing of a key without a value.
    if (entry == nullptr || entry->value->is_null()) continue;
    if (!KeepEntry(*entry, ours, lines, kept)) return {};
  }
  EmbeddedConfig config{"rules", Join(kept, "\n")};
  Problems problems;
  ReadYaml("", config.text, YamlLimits{}, problems);
  if (problems.HasErrors()) return {};
  return {std::move(config)};
}

}  // namespace

std::vector<EmbeddedConfig> FindEmbeddedConfigs(const std::string& text) {
  Problems ignored;
  const std::vector<YamlNodePtr> documents =
      ReadYaml("", text, YamlLimits{}, ignored);
  if (documents.empty() || ignored.HasErrors()) return {};
  const YamlNode& root = *documents.front();
  const std::vector<std::string> lines = Split(text, '\n');
  const YamlEntry* kind = root.Find("kind");
  if (kind != nullptr && kind->value->scalar == "ConfigMap") {
    const YamlEntry* data = root.Find("data");
    if (data == nullptr) return {};
    return InConfigMap(*data->value, lines);
  }
  const YamlNode* rules = ChartRules(root);
  return rules == nullptr ? std::vector<EmbeddedConfig>()
                          : InChartValues(*rules, lines);
}

}  // namespace sextant::config
