#include "sextant/config/standalone.h"

#include <cstddef>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>

#include "sextant/base/json.h"
#include "sextant/base/text.h"
#include "sextant/config/problem.h"
#include "shorten.h"
#include "yaml_reader.h"

namespace sextant::config {

namespace {

constexpr std::size_t kMostBytes = std::size_t{256} << 20U;

// One value of a document, whichever language it is written in.
class JsonView {
 public:
  explicit JsonView(const nlohmann::json& value) : value_(&value) {}

  Position at() const { return {}; }
  bool is_null() const { return value_->is_null(); }
  bool is_map() const { return value_->is_object(); }
  bool is_list() const { return value_->is_array(); }

  std::optional<std::string> Text() const {
    if (!value_->is_string()) return std::nullopt;
    return value_->get<std::string>();
  }
  std::optional<bool> Bool() const {
    if (!value_->is_boolean()) return std::nullopt;
    return value_->get<bool>();
  }
  std::optional<JsonView> Find(const char* key) const {
    if (!value_->is_object()) return std::nullopt;
    const auto found = value_->find(key);
    if (found == value_->end()) return std::nullopt;
    return JsonView(*found);
  }
  template <typename Take>
  void ForEachItem(Take take) const {
    for (const nlohmann::json& item : *value_) take(JsonView(item));
  }
  template <typename Take>
  void ForEachEntry(Take take) const {
    for (const auto& [key, value] : value_->items()) take(key, JsonView(value));
  }

 private:
  const nlohmann::json* value_;
};

class YamlView {
 public:
  explicit YamlView(const YamlNode& node) : node_(&node) {}

  Position at() const { return node_->at; }
  bool is_null() const { return node_->is_null(); }
  bool is_map() const { return node_->is_map(); }
  bool is_list() const { return node_->is_sequence(); }

  std::optional<std::string> Text() const {
    if (!node_->is_scalar()) return std::nullopt;
    return node_->scalar;
  }
  std::optional<bool> Bool() const {
    if (!node_->is_scalar() || !node_->plain) return std::nullopt;
    if (node_->scalar == "true") return true;
    if (node_->scalar == "false") return false;
    return std::nullopt;
  }
  std::optional<YamlView> Find(const char* key) const {
    const YamlEntry* entry = node_->Find(key);
    if (entry == nullptr) return std::nullopt;
    return YamlView(*entry->value);
  }
  template <typename Take>
  void ForEachItem(Take take) const {
    for (const YamlNodePtr& item : node_->items) take(YamlView(*item));
  }
  template <typename Take>
  void ForEachEntry(Take take) const {
    for (const YamlEntry& entry : node_->entries) {
      take(entry.key, YamlView(*entry.value));
    }
  }

 private:
  const YamlNode* node_;
};

// Takes values out of views, and reports what is not as it must be.
template <typename View>
class Taker {
 public:
  Taker(const std::string& file, Problems& problems)
      : file_(file), problems_(problems) {}

  void Report(Position at, std::string field, std::string message,
              std::string advice = {}) {
    problems_.Error(file_, at, std::move(field), std::move(message),
                    std::move(advice));
  }

  // The text under `key`; empty, and reported if it is needed, if there is
  // none.
  std::string Text(const View& map, const std::string& path, const char* key,
                   bool needed) {
    const std::optional<View> value = map.Find(key);
    if (!value || value->is_null()) {
      if (needed) Report(map.at(), JoinPath(path, key), "is missing");
      return "";
    }
    std::optional<std::string> text = value->Text();
    if (!text) {
      Report(value->at(), JoinPath(path, key), "must be a text");
      return "";
    }
    if (text->empty() && needed) {
      Report(value->at(), JoinPath(path, key), "must not be empty");
    }
    return *std::move(text);
  }

  model::Labels LabelsOf(const View& metadata, const std::string& path) {
    model::Labels labels;
    const std::optional<View> map = metadata.Find("labels");
    if (!map || map->is_null()) return labels;
    const std::string labels_path = JoinPath(path, "labels");
    if (!map->is_map()) {
      Report(map->at(), labels_path, "must be a map");
      return labels;
    }
    map->ForEachEntry([&](const std::string& key, const View& value) {
      std::optional<std::string> text = value.Text();
      if (!text) {
        Report(value.at(), JoinPath(labels_path, key), "must be a text");
        return;
      }
      labels[key] = *std::move(text);
    });
    return labels;
  }

 private:
  const std::string& file_;
  Problems& problems_;
};

std::string ItemPath(const std::string& path, std::size_t index) {
  return path + "[" + std::to_string(index) + "]";
}

// What items of a list lack when the list came from a single endpoint: a
// PodList's items say neither kind nor apiVersion.
struct ItemType {
  std::string api_version;
  std::string kind;
};

constexpr const char* kObjectAdvice =
    "give what kubectl get ... -o json or -o yaml prints";

template <typename View>
void TakeObject(const View& value, const std::string& path,
                const ItemType& type, Taker<View>& taker,
                std::vector<StandaloneObject>& out) {
  if (!value.is_map()) {
    taker.Report(value.at(), path, "must be a Kubernetes object",
                 kObjectAdvice);
    return;
  }
  StandaloneObject object;
  object.kind = taker.Text(value, path, "kind", type.kind.empty());
  if (object.kind.empty()) object.kind = type.kind;
  object.api_version =
      taker.Text(value, path, "apiVersion", type.api_version.empty());
  if (object.api_version.empty()) object.api_version = type.api_version;

  const std::optional<View> metadata = value.Find("metadata");
  const std::string metadata_path = JoinPath(path, "metadata");
  if (!metadata || !metadata->is_map()) {
    taker.Report(value.at(), metadata_path, "is missing", kObjectAdvice);
    return;
  }
  object.name = taker.Text(*metadata, metadata_path, "name", true);
  object.namespace_ = taker.Text(*metadata, metadata_path, "namespace", false);
  object.labels = taker.LabelsOf(*metadata, metadata_path);
  out.push_back(std::move(object));
}

// A document is one object, or a list of them.
template <typename View>
void TakeObjects(const View& document, Taker<View>& taker,
                 std::vector<StandaloneObject>& out) {
  const std::optional<View> items = document.Find("items");
  const std::optional<View> kind_view = document.Find("kind");
  const std::string kind = kind_view ? kind_view->Text().value_or("") : "";
  if (!items || !kind.ends_with("List")) {
    TakeObject(document, "", ItemType{}, taker, out);
    return;
  }
  if (items->is_null()) return;
  if (!items->is_list()) {
    taker.Report(items->at(), "items", "must be a list");
    return;
  }
  ItemType type;
  if (kind != "List") {
    type = {taker.Text(document, "", "apiVersion", true),
            kind.substr(0, kind.size() - 4)};
  }
  std::size_t index = 0;
  items->ForEachItem([&](const View& item) {
    TakeObject(item, ItemPath("items", index++), type, taker, out);
  });
}

template <typename View>
void TakeResource(const View& value, const std::string& path,
                  const std::string& group, const std::string& version,
                  Taker<View>& taker, std::vector<model::Resource>& out) {
  if (!value.is_map()) {
    taker.Report(value.at(), path, "must be a map");
    return;
  }
  model::Resource resource;
  resource.plural = taker.Text(value, path, "name", true);
  // Sub-resources are no objects.
  if (resource.plural.find('/') != std::string::npos) return;
  resource.kind = taker.Text(value, path, "kind", true);
  resource.singular = taker.Text(value, path, "singularName", false);
  if (resource.singular.empty()) resource.singular = AsciiLower(resource.kind);
  resource.group = taker.Text(value, path, "group", false);
  if (resource.group.empty()) resource.group = group;
  resource.version = taker.Text(value, path, "version", false);
  if (resource.version.empty()) resource.version = version;

  const std::optional<View> namespaced = value.Find("namespaced");
  const std::optional<bool> scope =
      namespaced ? namespaced->Bool() : std::nullopt;
  if (!scope) {
    taker.Report(namespaced ? namespaced->at() : value.at(),
                 JoinPath(path, "namespaced"), "must be true or false");
    return;
  }
  resource.namespaced = *scope;
  out.push_back(std::move(resource));
}

template <typename View>
void TakeResourceList(const View& value, const std::string& path,
                      Taker<View>& taker, std::vector<model::Resource>& out) {
  constexpr const char* kAdvice =
      "give what kubectl get --raw /apis/GROUP/VERSION prints";
  if (!value.is_map()) {
    taker.Report(value.at(), path, "must be an APIResourceList", kAdvice);
    return;
  }
  const std::string kind = taker.Text(value, path, "kind", true);
  if (kind.empty()) return;
  if (kind != "APIResourceList") {
    taker.Report(value.at(), JoinPath(path, "kind"),
                 "must be APIResourceList, not " + GoQuote(Shortened(kind)),
                 kAdvice);
    return;
  }
  const std::string group_version =
      taker.Text(value, path, "groupVersion", true);
  const std::size_t slash = group_version.find('/');
  const bool core = slash == std::string::npos;
  const std::string group = core ? "" : group_version.substr(0, slash);
  const std::string version =
      core ? group_version : group_version.substr(slash + 1);

  const std::string list_path = JoinPath(path, "resources");
  const std::optional<View> list = value.Find("resources");
  if (!list || !list->is_list()) {
    taker.Report(list ? list->at() : value.at(), list_path, "must be a list");
    return;
  }
  std::size_t index = 0;
  list->ForEachItem([&](const View& item) {
    TakeResource(item, ItemPath(list_path, index++), group, version, taker,
                 out);
  });
}

// The JSON documents that follow each other in `text`; what is no document is
// left to the parser, which says what is wrong with it.
std::vector<std::string_view> SplitJson(std::string_view text) {
  std::vector<std::string_view> documents;
  std::size_t start = 0;
  std::size_t depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c == '\\') ++i;
      if (c == '"') quoted = false;
    } else if (c == '"') {
      quoted = true;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if ((c == '}' || c == ']') && depth > 0 && --depth == 0) {
      documents.push_back(text.substr(start, i + 1 - start));
      start = i + 1;
    }
  }
  if (!Trim(text.substr(start)).empty()) {
    documents.push_back(text.substr(start));
  }
  return documents;
}

// Hands every document to `take`, as a JsonView or a YamlView.
template <typename Take>
void ForEachDocument(const std::string& file, std::string_view text,
                     Problems& problems, Take take) {
  if (text.size() > kMostBytes) {
    problems.Error(
        file, {}, "",
        "the file has more than " + std::to_string(kMostBytes) + " bytes",
        "leave out what no metric is asked for");
    return;
  }
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first != std::string_view::npos && text[first] == '{') {
    for (const std::string_view document : SplitJson(text)) {
      const Result<nlohmann::json> json = ParseJson(document);
      if (!json) {
        problems.Error(file, {}, "", json.error().message);
        return;
      }
      take(JsonView(*json));
    }
    return;
  }
  YamlLimits limits;
  limits.bytes = kMostBytes;
  limits.nodes = 20'000'000;
  limits.all_documents = true;
  for (const YamlNodePtr& document : ReadYaml(file, text, limits, problems)) {
    if (!document->is_null()) take(YamlView(*document));
  }
}

template <typename T>
Result<std::vector<T>> Finish(std::vector<T> values, const Problems& problems) {
  if (!problems.HasErrors()) return values;
  return Error{ErrorCode::kInvalidArgument, problems.ErrorText(), ""};
}

}  // namespace

Result<std::vector<StandaloneObject>> ParseStandaloneObjects(
    const std::string& file, std::string_view text) {
  Problems problems;
  std::vector<StandaloneObject> objects;
  ForEachDocument(file, text, problems,
                  [&]<typename View>(const View& document) {
                    Taker<View> taker(file, problems);
                    TakeObjects(document, taker, objects);
                  });
  return Finish(std::move(objects), problems);
}

Result<std::vector<model::Resource>> ParseStandaloneResources(
    const std::string& file, std::string_view text) {
  Problems problems;
  std::vector<model::Resource> resources;
  ForEachDocument(file, text, problems,
                  [&]<typename View>(const View& document) {
                    Taker<View> taker(file, problems);
                    TakeResourceList(document, "", taker, resources);
                  });
  return Finish(std::move(resources), problems);
}

}  // namespace sextant::config
