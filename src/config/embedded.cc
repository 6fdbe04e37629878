#include <cstddef>
#include <string_view>

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

}  // namespace

std::vector<EmbeddedConfig> FindEmbeddedConfigs(const std::string& text) {
  Problems ignored;
  const std::vector<YamlNodePtr> documents =
      ReadYaml("", text, YamlLimits{}, ignored);
  if (documents.empty() || ignored.HasErrors()) return {};
  const YamlEntry* kind = documents.front()->Find("kind");
  const YamlEntry* data = documents.front()->Find("data");
  if (kind == nullptr || kind->value->scalar != "ConfigMap") return {};
  if (data == nullptr) return {};

  const std::vector<std::string> lines = Split(text, '\n');
  std::vector<EmbeddedConfig> found;
  for (const YamlEntry& entry : data->value->entries) {
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

}  // namespace sextant::config
