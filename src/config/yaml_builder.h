#pragma once

#include <yaml-cpp/eventhandler.h>

#include <cstddef>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "sextant/config/problem.h"
#include "yaml_node.h"
#include "yaml_reader.h"

namespace sextant::config {

// Ends the reading from inside yaml-cpp, which knows no other way; never leaves
// ReadYaml().
struct YamlStop : std::exception {
  YamlStop(Position where, std::string path, std::string what_is_wrong,
           std::string what_to_do)
      : at(where),
        field(std::move(path)),
        message(std::move(what_is_wrong)),
        advice(std::move(what_to_do)) {}

  Position at;
  std::string field;
  std::string message;
  std::string advice;
};

// yaml-cpp begins a new document wherever the last one ends, be it in the
// middle of a line.  Throws YamlStop unless the document at `mark` was meant as
// one.
void CheckDocumentStart(std::string_view text, const YAML::Mark& mark);

// Makes nodes of yaml-cpp's events, for the documents of one file in turn.
class YamlBuilder final : public YAML::EventHandler {
 public:
  // All of them must outlive the builder.
  YamlBuilder(const std::string& file, std::string_view text,
              const YamlLimits& limits, Problems& problems)
      : file_(file), text_(text), limits_(limits), problems_(problems) {}

  // The document that was read last.
  YamlNodePtr TakeRoot() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark& mark) override;
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnScalar(const YAML::Mark& mark, const std::string& tag,
                YAML::anchor_t anchor, const std::string& value) override;
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag,
                       YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override;
  void OnSequenceEnd() override { EndCollection(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag,
                  YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override;
  void OnMapEnd() override { EndCollection(); }

 private:
  struct Key {
    std::string text;
    Position at;
    std::size_t offset = 0;  // in the file
    bool merge = false;      // a plain `<<`
  };

  // A collection that has begun and not ended.
  struct Frame {
    std::shared_ptr<YamlNode> node;
    YAML::anchor_t anchor = 0;
    bool flow = false;
    std::optional<Key> key;  // waits for its value
    std::vector<Key> keys;   // of node->entries, one for one
  };

  [[noreturn]] void Stop(Position at, std::string message,
                         std::string advice) const;
  bool AwaitsKey() const;
  std::string Path() const;  // of the node that comes next
  void CheckIndentation(const YAML::Mark& mark) const;
  void CheckTag(const YAML::Mark& mark, const std::string& tag,
                YamlNode::Kind kind);
  void Spend(std::size_t cost, Position at);
  void StartCollection(const YAML::Mark& mark, YamlNode::Kind kind,
                       YAML::anchor_t anchor, bool flow);
  void EndCollection();
  void TakeKey(const YAML::Mark& mark, const YamlNode& node);
  void Add(YamlNodePtr node);
  void ResolveMerges(Frame& frame) const;
  void RefuseDuplicates(Frame& frame);

  const std::string& file_;
  std::string_view text_;
  const YamlLimits& limits_;
  Problems& problems_;

  std::vector<Frame> frames_;
  std::unordered_map<YAML::anchor_t, YamlNodePtr> anchors_;
  std::size_t spent_ = 0;
  std::optional<std::size_t> start_;  // of the last document, an offset
  YamlNodePtr root_;
};

}  // namespace sextant::config
