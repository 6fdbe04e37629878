#include "yaml_builder.h"

#include <yaml-cpp/mark.h>

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "shorten.h"
#include "yaml_source.h"

namespace sextant::config {

namespace {

constexpr std::size_t kBytesPerNode = 64;
constexpr std::string_view kCoreTag = "tag:yaml.org,2002:";

Position At(const YAML::Mark& mark) { return {mark.line + 1, mark.column + 1}; }

std::size_t OffsetOf(const YAML::Mark& mark) {
  return mark.pos < 0 ? 0 : static_cast<std::size_t>(mark.pos);
}

// yaml-cpp's "no tag": "?" for plain scalars and collections, "!" for scalars
// that are quoted or blocks.
bool IsImplicit(const std::string& tag) {
  return tag.empty() || tag == "?" || tag == "!";
}

bool FitsTag(std::string_view tag, YamlNode::Kind kind) {
  switch (kind) {
    case YamlNode::Kind::kMap:
      return tag == "map";
    case YamlNode::Kind::kSequence:
      return tag == "seq";
    default:
      return tag == "str" || tag == "int" || tag == "float" || tag == "bool";
  }
}

}  // namespace

void YamlBuilder::Stop(Position at, std::string message,
                       std::string advice) const {
  throw YamlStop(at, Path(), std::move(message), std::move(advice));
}

bool YamlBuilder::AwaitsKey() const {
  return !frames_.empty() && frames_.back().node->is_map() &&
         !frames_.back().key;
}

std::string YamlBuilder::Path() const {
  std::string path;
  for (const Frame& frame : frames_) {
    if (frame.node->is_sequence()) {
      path += "[" + std::to_string(frame.node->items.size()) + "]";
    } else if (frame.key) {
      path = JoinPath(path, frame.key->text);
    }
  }
  return path;
}

void YamlBuilder::CheckIndentation(const YAML::Mark& mark) const {
  if (!frames_.empty() && frames_.back().flow) return;
  if (!IsIndentedWithTab(text_, OffsetOf(mark))) return;
  Stop(At(mark), "the line is indented with a tab", "use blanks");
}

void YamlBuilder::CheckTag(const YAML::Mark& mark, const std::string& tag,
                           YamlNode::Kind kind) {
  if (IsImplicit(tag)) return;
  const std::string_view text = tag;
  if (text.substr(0, kCoreTag.size()) == kCoreTag &&
      FitsTag(text.substr(kCoreTag.size()), kind)) {
    return;
  }
  problems_.Error(file_, At(mark), Path(),
                  "the tag \"" + Shortened(tag) + "\" means nothing here",
                  "leave the tag out");
}

void YamlBuilder::Spend(std::size_t cost, Position at) {
  spent_ += cost;
  if (spent_ > limits_.nodes) {
    Stop(at,
         "the file is too large when its aliases are written out: more than " +
             std::to_string(limits_.nodes) + " values",
         "use fewer aliases");
  }
}

void CheckDocumentStart(std::string_view text, const YAML::Mark& mark) {
  const std::size_t offset = OffsetOf(mark);
  if (mark.column == 0 && text.substr(offset, 3) == "---") return;
  // Behind "..." a document may begin without a mark.
  const std::string_view before = text.substr(0, offset);
  const std::size_t end = before.rfind("\n...");
  if (mark.column == 0 && end != std::string_view::npos &&
      before.find_first_not_of(" \t\r\n", end + 4) == std::string_view::npos) {
    return;
  }
  throw YamlStop(At(mark), "", "the document has ended before this",
                 "check the indentation and the brackets; a new document "
                 "begins with ---");
}

void YamlBuilder::OnDocumentStart(const YAML::Mark& mark) {
  const std::size_t start = OffsetOf(mark);
  if (start_) CheckDocumentStart(text_, mark);
  // yaml-cpp takes a character that begins nothing for an empty document, and
  // does not get past it.
  if (start_ == start) {
    throw YamlStop(At(mark), "", "this character cannot begin a document",
                   "remove it, or put the text in quotes");
  }
  start_ = start;
  frames_.clear();
  anchors_.clear();
  root_.reset();
}

void YamlBuilder::OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) {
  if (AwaitsKey()) {
    Stop(At(mark), "a key is missing, or is null", "write it in quotes");
  }
  // For a key without a colon yaml-cpp makes up a value where the key begins.
  // In a flow collection it does so only where the closing bracket is missing,
  // which it says itself.
  if (!frames_.empty() && frames_.back().key && !frames_.back().flow &&
      OffsetOf(mark) <= frames_.back().key->offset) {
    const Key& key = *frames_.back().key;
    const std::string name = Shortened(key.text);
    throw YamlStop(key.at, "", "\"" + name + "\" has no \":\" after it",
                   "write \"" + name + ": VALUE\", or check the indentation");
  }
  auto node = std::make_shared<YamlNode>();
  node->at = At(mark);
  Spend(1, node->at);
  if (anchor != 0) anchors_[anchor] = node;
  Add(std::move(node));
}

void YamlBuilder::OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) {
  CheckIndentation(mark);
  const auto found = anchors_.find(anchor);
  if (found == anchors_.end()) {
    Stop(At(mark), "the alias is part of what it stands for",
         "write the values out");
  }
  const YamlNodePtr node = found->second;
  if (AwaitsKey()) {
    TakeKey(mark, *node);
    return;
  }
  Spend(node->cost, At(mark));
  if (frames_.size() + node->height > limits_.depth) {
    Stop(At(mark),
         "nested deeper than " + std::to_string(limits_.depth) +
             " levels when its aliases are written out",
         "use fewer levels");
  }
  Add(node);
}

void YamlBuilder::OnScalar(const YAML::Mark& mark, const std::string& tag,
                           YAML::anchor_t anchor, const std::string& value) {
  CheckIndentation(mark);
  const ScalarSource source = LookAtScalar(text_, OffsetOf(mark));
  if (!source.closed) {
    Stop(PositionAt(text_, source.start), "the quoted text is never closed",
         "check the quotes; is the end of the file missing?");
  }
  CheckTag(mark, tag, YamlNode::Kind::kScalar);

  auto node = std::make_shared<YamlNode>();
  node->kind = YamlNode::Kind::kScalar;
  node->at = At(mark);
  node->scalar = value;
  node->plain =
      source.style == ScalarStyle::kPlain && tag != "tag:yaml.org,2002:str";
  node->cost = 1 + value.size() / kBytesPerNode;
  Spend(node->cost, node->at);
  if (anchor != 0) anchors_[anchor] = node;
  if (AwaitsKey()) {
    TakeKey(mark, *node);
  } else {
    Add(std::move(node));
  }
}

void YamlBuilder::OnSequenceStart(const YAML::Mark& mark,
                                  const std::string& tag, YAML::anchor_t anchor,
                                  YAML::EmitterStyle::value style) {
  CheckTag(mark, tag, YamlNode::Kind::kSequence);
  StartCollection(mark, YamlNode::Kind::kSequence, anchor,
                  style == YAML::EmitterStyle::Flow);
}

void YamlBuilder::OnMapStart(const YAML::Mark& mark, const std::string& tag,
                             YAML::anchor_t anchor,
                             YAML::EmitterStyle::value style) {
  CheckTag(mark, tag, YamlNode::Kind::kMap);
  StartCollection(mark, YamlNode::Kind::kMap, anchor,
                  style == YAML::EmitterStyle::Flow);
}

void YamlBuilder::StartCollection(const YAML::Mark& mark, YamlNode::Kind kind,
                                  YAML::anchor_t anchor, bool flow) {
  CheckIndentation(mark);
  if (AwaitsKey()) {
    Stop(At(mark), "a key must be a text, not a list or a map",
         "a value that begins with [ or { needs quotes");
  }
  if (frames_.size() >= limits_.depth) {
    Stop(At(mark),
         "nested deeper than " + std::to_string(limits_.depth) + " levels",
         "use fewer levels");
  }
  Frame frame;
  frame.node = std::make_shared<YamlNode>();
  frame.node->kind = kind;
  frame.node->at = At(mark);
  frame.anchor = anchor;
  frame.flow = flow || (!frames_.empty() && frames_.back().flow);
  Spend(1, frame.node->at);
  frames_.push_back(std::move(frame));
}

void YamlBuilder::EndCollection() {
  if (frames_.back().node->is_map()) {
    RefuseDuplicates(frames_.back());
    ResolveMerges(frames_.back());
  }
  Frame frame = std::move(frames_.back());
  frames_.pop_back();
  // Only now: an alias inside is a cycle.
  if (frame.anchor != 0) anchors_[frame.anchor] = frame.node;
  Add(std::move(frame.node));
}

void YamlBuilder::TakeKey(const YAML::Mark& mark, const YamlNode& node) {
  if (!node.is_scalar()) {
    Stop(At(mark), "a key must be a text, not a list or a map",
         "write the key itself instead of an alias");
  }
  frames_.back().key = Key{node.scalar, At(mark), OffsetOf(mark),
                           node.plain && node.scalar == "<<"};
}

void YamlBuilder::Add(YamlNodePtr node) {
  if (frames_.empty()) {
    root_ = std::move(node);
    return;
  }
  Frame& frame = frames_.back();
  frame.node->cost += node->cost;
  frame.node->height = std::max(frame.node->height, node->height + 1);
  if (frame.node->is_sequence()) {
    frame.node->items.push_back(std::move(node));
    return;
  }
  const Key& key = *frame.key;
  frame.node->entries.push_back({key.text, key.at, std::move(node)});
  frame.keys.push_back(std::move(*frame.key));
  frame.key.reset();
}

void YamlBuilder::RefuseDuplicates(Frame& frame) {
  std::vector<YamlEntry>& entries = frame.node->entries;
  std::vector<std::size_t> order(entries.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) {
                     return entries[a].key < entries[b].key;
                   });
  std::vector<std::size_t> again;
  for (std::size_t i = 1, first = 0; i < order.size(); ++i) {
    const YamlEntry& original = entries[order[first]];
    const YamlEntry& entry = entries[order[i]];
    // A quoted "<<" is a key like any other.
    if (entry.key != original.key ||
        frame.keys[order[i]].merge != frame.keys[order[first]].merge) {
      first = i;
      continue;
    }
    problems_.Error(
        file_, entry.at, JoinPath(Path(), entry.key),
        "\"" + Shortened(entry.key) + "\" is given twice, first on line " +
            std::to_string(original.at.line),
        frame.keys[order[i]].merge ? "write <<: [*a, *b] to merge two maps"
                                   : "remove one of the two");
    again.push_back(order[i]);
  }
  std::sort(again.begin(), again.end());
  for (auto i = again.rbegin(); i != again.rend(); ++i) {
    entries.erase(entries.begin() + static_cast<std::ptrdiff_t>(*i));
    frame.keys.erase(frame.keys.begin() + static_cast<std::ptrdiff_t>(*i));
  }
}

void YamlBuilder::ResolveMerges(Frame& frame) const {
  if (std::none_of(frame.keys.begin(), frame.keys.end(),
                   [](const Key& key) { return key.merge; })) {
    return;
  }
  std::unordered_set<std::string> taken;
  for (const Key& key : frame.keys) {
    if (!key.merge) taken.insert(key.text);
  }
  std::vector<YamlEntry> resolved;
  const auto merge = [&](const YamlNode& node, const Key& key) {
    if (!node.is_map()) {
      Stop(key.at, "\"<<\" merges maps, and this is none",
           "write <<: *NAME of a map, or put \"<<\" in quotes");
    }
    for (const YamlEntry& entry : node.entries) {
      if (taken.insert(entry.key).second) resolved.push_back(entry);
    }
  };
  for (std::size_t i = 0; i < frame.keys.size(); ++i) {
    YamlEntry& entry = frame.node->entries[i];
    if (!frame.keys[i].merge) {
      resolved.push_back(std::move(entry));
    } else if (entry.value->is_sequence()) {
      for (const YamlNodePtr& item : entry.value->items) {
        merge(*item, frame.keys[i]);
      }
    } else {
      merge(*entry.value, frame.keys[i]);
    }
  }
  frame.node->entries = std::move(resolved);
}

}  // namespace sextant::config
