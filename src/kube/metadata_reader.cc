#include "metadata_reader.h"

#include <utility>

namespace sextant::kube {
namespace {

using Kind = JsonEvent::Kind;

Error Unreadable(const std::string& what, const std::string& why) {
  return {ErrorCode::kUnavailable,
          "the API server's " + what + " cannot be read: " + why, ""};
}

std::optional<WatchEvent::Type> TypeOf(const std::string& text) {
  if (text == "ADDED") return WatchEvent::Type::kAdded;
  if (text == "MODIFIED") return WatchEvent::Type::kModified;
  if (text == "DELETED") return WatchEvent::Type::kDeleted;
  if (text == "BOOKMARK") return WatchEvent::Type::kBookmark;
  if (text == "ERROR") return WatchEvent::Type::kError;
  return std::nullopt;
}

}  // namespace

void ObjectReader::Reset() {
  seen_ = {};
  why_.clear();
  depth_ = 0;
  ended_ = false;
  field_ = Field::kOther;
}

ObjectReader::Field ObjectReader::FieldOf(std::string_view key) const {
  if (depth_ == 1) {
    return key == "metadata"  ? Field::kMetadata
           : key == "code"    ? Field::kCode
           : key == "reason"  ? Field::kReason
           : key == "message" ? Field::kMessage
                              : Field::kOther;
  }
  if (depth_ == 3) return Field::kLabel;
  return key == "name"              ? Field::kName
         : key == "namespace"       ? Field::kNamespace
         : key == "resourceVersion" ? Field::kResourceVersion
         : key == "continue"        ? Field::kContinue
         : key == "labels"          ? Field::kLabels
                                    : Field::kOther;
}

bool ObjectReader::On(const JsonEvent& event) {
  if (skip_.Busy()) {
    skip_.Take(event);
    return true;
  }
  if (event.Ends()) {
    --depth_;
    ended_ = depth_ == 0;
    return true;
  }
  if (event.kind == Kind::kKey) {
    field_ = FieldOf(event.text);
    if (field_ == Field::kLabel) label_ = event.text;
    return true;
  }
  if (depth_ == 0) {
    if (event.kind == Kind::kObject) return Enter(event);
    why_ = "what should be an object is none";
    return false;
  }
  return OnValue(event);
}

bool ObjectReader::OnValue(const JsonEvent& event) {
  switch (field_) {
    case Field::kMetadata:
    case Field::kLabels:
      return Enter(event);
    case Field::kCode:
      if (event.kind == Kind::kNumber && event.number >= 0 &&
          event.number < 1000) {
        seen_.code = static_cast<int>(event.number);
      }
      skip_.Take(event);
      return true;
    // Of a Status; other objects may have fields of these names.
    case Field::kReason:
    case Field::kMessage:
      if (event.kind == Kind::kString) {
        (field_ == Field::kReason ? seen_.reason : seen_.message) = event.text;
      }
      skip_.Take(event);
      return true;
    case Field::kName:
      return Text(event, seen_.metadata.ref.name);
    case Field::kNamespace:
      return Text(event, seen_.metadata.ref.namespace_);
    case Field::kResourceVersion:
      return Text(event, seen_.resource_version);
    case Field::kContinue:
      return Text(event, seen_.continue_token);
    case Field::kLabel:
      return Text(event, seen_.metadata.labels[label_]);
    case Field::kOther:
      break;
  }
  skip_.Take(event);
  return true;
}

bool ObjectReader::Enter(const JsonEvent& event) {
  if (event.kind == Kind::kObject) {
    ++depth_;
  } else if (event.kind != Kind::kNull) {
    why_ = "metadata or labels are no object";
    return false;
  }
  return true;
}

bool ObjectReader::Text(const JsonEvent& event, std::string& out) {
  if (event.kind == Kind::kString) {
    out = event.text;
  } else if (event.kind != Kind::kNull) {
    why_ = "a name, version or label is no text";
    return false;
  }
  return true;
}

ListReader::ListReader(std::function<void(const SeenObject&)> take)
    : take_(std::move(take)), stream_(*this) {}

bool ListReader::On(const JsonEvent& event) {
  switch (place_) {
    case Place::kList:
      if (list_.AtField() && event.kind == Kind::kKey &&
          event.text == "items") {
        place_ = Place::kBeforeItems;
        return true;
      }
      return list_.On(event) || Fail(list_.why());
    case Place::kBeforeItems:
      // Go writes an empty list as null.
      if (event.kind != Kind::kArray && event.kind != Kind::kNull) {
        return Fail("its items are no list");
      }
      has_items_ = true;
      place_ = event.kind == Kind::kArray ? Place::kItems : Place::kList;
      return true;
    case Place::kItems:
      if (event.kind == Kind::kEndArray) {
        place_ = Place::kList;
        return true;
      }
      item_.Reset();
      place_ = Place::kItem;
      return OnItem(event);
    case Place::kItem:
      return OnItem(event);
  }
  return false;
}

bool ListReader::OnItem(const JsonEvent& event) {
  if (!item_.On(event)) return Fail(item_.why());
  if (!item_.Ended()) return true;
  if (item_.seen().metadata.ref.name.empty()) {
    return Fail("an item has no name");
  }
  place_ = Place::kItems;
  take_(item_.seen());
  return true;
}

bool ListReader::Fail(std::string why) {
  why_ = std::move(why);
  return false;
}

Error ListReader::Failure() const {
  return Unreadable("list", why_.empty() ? stream_.why() : why_);
}

Result<Done> ListReader::Take(std::string_view piece) {
  if (!stream_.Take(piece)) return Failure();
  return Done{};
}

Result<Done> ListReader::Finish() {
  if (!stream_.Finish()) return Failure();
  if (!has_items_) return Unreadable("list", "it has no items");
  return Done{};
}

WatchReader::WatchReader(std::function<Result<Done>(const WatchEvent&)> take)
    : take_(std::move(take)), stream_(*this, JsonStream::Values::kMany) {}

bool WatchReader::On(const JsonEvent& event) {
  if (in_object_) {
    if (!object_.On(event)) return Fail(object_.why());
    in_object_ = !object_.Ended();
    return true;
  }
  if (skip_.Busy()) {
    skip_.Take(event);
    return true;
  }
  if (inside_) return OnField(event);
  if (event.kind != Kind::kObject) return Fail("an event is no object");
  inside_ = true;
  type_.clear();
  object_.Reset();
  return true;
}

bool WatchReader::OnField(const JsonEvent& event) {
  if (event.kind == Kind::kKey) {
    field_ = event.text == "type"     ? Field::kType
             : event.text == "object" ? Field::kObject
                                      : Field::kOther;
    return true;
  }
  if (event.kind == Kind::kEndObject) {
    inside_ = false;
    return Emit();
  }
  if (field_ == Field::kObject) {
    object_.Reset();
    in_object_ = true;
    return object_.On(event) || Fail(object_.why());
  }
  if (field_ == Field::kType && event.kind == Kind::kString) {
    type_ = event.text;
  }
  skip_.Take(event);
  return true;
}

bool WatchReader::Emit() {
  const std::optional<WatchEvent::Type> type = TypeOf(type_);
  if (!type) return Fail("an event has no type that is known");
  if (!object_.Ended()) return Fail("an event has no object");
  const bool of_object =
      *type != WatchEvent::Type::kBookmark && *type != WatchEvent::Type::kError;
  if (of_object && object_.seen().metadata.ref.name.empty()) {
    return Fail("an object has no name");
  }
  Result<Done> taken = take_({*type, object_.seen()});
  if (taken) return true;
  failure_ = std::move(taken).error();
  return false;
}

bool WatchReader::Fail(const std::string& why) {
  failure_ = Unreadable("watch", why);
  return false;
}

Error WatchReader::Failure() const {
  return failure_ ? *failure_ : Unreadable("watch", stream_.why());
}

Result<Done> WatchReader::Take(std::string_view piece) {
  if (!stream_.Take(piece)) return Failure();
  return Done{};
}

Result<Done> WatchReader::Finish() {
  if (!stream_.Finish()) return Failure();
  return Done{};
}

}  // namespace sextant::kube
