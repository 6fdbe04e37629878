// Lists and watches of objects, of which only the metadata is kept, read as
// they arrive.  Whole objects read the same as PartialObjectMetadata: what is
// not wanted is passed over.

#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "sextant/base/json_stream.h"
#include "sextant/base/result.h"
#include "sextant/model/object.h"

namespace sextant::kube {

// An object, a list without its items, or the Status that an error is.
struct SeenObject {
  model::ObjectMetadata metadata;
  std::string resource_version;
  std::string continue_token;  // of a list that has more
  int code = 0;                // of a Status, as its reason and message
  std::string reason;
  std::string message;
};

// Reads one object from the event that begins it to the one that ends it.
class ObjectReader {
 public:
  // False if the object is not what it should be; then why() tells.
  bool On(const JsonEvent& event);

  // Has the object begun, and what comes next is one of its own fields or its
  // end?
  bool AtField() const { return depth_ == 1 && !skip_.Busy(); }
  bool Ended() const { return ended_; }

  const SeenObject& seen() const { return seen_; }
  const std::string& why() const { return why_; }

  // For another object.
  void Reset();

 private:
  enum class Field {
    kOther,
    kMetadata,
    kCode,
    kReason,
    kMessage,
    kName,
    kNamespace,
    kResourceVersion,
    kContinue,
    kLabels,
    kLabel,
  };
  Field FieldOf(std::string_view key) const;
  bool OnValue(const JsonEvent& event);
  bool Enter(const JsonEvent& event);
  bool Text(const JsonEvent& event, std::string& out);

  SeenObject seen_;
  std::string why_;
  int depth_ = 0;  // 1: in the object; 2: in its metadata; 3: in its labels
  bool ended_ = false;
  Field field_ = Field::kOther;
  std::string label_;  // whose value comes next
  JsonSkip skip_;
};

// A list, or a page of one.
class ListReader final : private JsonEvents {
 public:
  // `take` gets each item, which has a name.
  explicit ListReader(std::function<void(const SeenObject&)> take);

  // Errors are kUnavailable and say what is wrong with the text.
  Result<Done> Take(std::string_view piece);
  Result<Done> Finish();

  // After Finish(): resource_version and continue_token of the list.
  const SeenObject& list() const { return list_.seen(); }

 private:
  bool On(const JsonEvent& event) override;
  bool OnItem(const JsonEvent& event);
  bool Fail(std::string why);
  Error Failure() const;

  const std::function<void(const SeenObject&)> take_;
  ObjectReader list_;
  ObjectReader item_;
  enum class Place { kList, kBeforeItems, kItems, kItem } place_ = Place::kList;
  bool has_items_ = false;
  std::string why_;
  JsonStream stream_;
};

struct WatchEvent {
  enum class Type { kAdded, kModified, kDeleted, kBookmark, kError };
  Type type;
  const SeenObject& object;  // of kError: a Status
};

// The events of a watch.
class WatchReader final : private JsonEvents {
 public:
  // `take` gets each event as soon as its last byte is there; objects that were
  // added, modified or deleted have a name.  Its error ends the reading.
  explicit WatchReader(std::function<Result<Done>(const WatchEvent&)> take);

  // An error is that of `take`, or kUnavailable and says what is wrong with the
  // text.
  Result<Done> Take(std::string_view piece);
  Result<Done> Finish();

 private:
  bool On(const JsonEvent& event) override;
  bool OnField(const JsonEvent& event);
  bool Emit();
  bool Fail(const std::string& why);
  Error Failure() const;

  const std::function<Result<Done>(const WatchEvent&)> take_;
  bool inside_ = false;  // an event
  bool in_object_ = false;
  enum class Field { kOther, kType, kObject } field_ = Field::kOther;
  std::string type_;
  ObjectReader object_;
  JsonSkip skip_;
  std::optional<Error> failure_;
  JsonStream stream_;
};

}  // namespace sextant::kube
