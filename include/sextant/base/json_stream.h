// JSON that arrives in pieces, read without keeping it.

#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace sextant {

// What comes next in the text.  `text` is good during the call only.
struct JsonEvent {
  enum class Kind {
    kObject,  // it begins
    kArray,
    kEndObject,
    kEndArray,
    kKey,     // `text`
    kString,  // `text`, whole
    kNumber,  // `number`
    kBool,    // `truth`
    kNull,
  };
  Kind kind;
  std::string_view text = {};
  double number = 0;
  bool truth = false;

  bool Begins() const { return kind == Kind::kObject || kind == Kind::kArray; }
  bool Ends() const {
    return kind == Kind::kEndObject || kind == Kind::kEndArray;
  }
};

class JsonEvents {
 public:
  virtual ~JsonEvents() = default;

  // False stops the reading for good.
  virtual bool On(const JsonEvent& event) = 0;
};

// Passes over a value of any shape.  Give it the event that begins the value,
// then all others for as long as it is Busy().
class JsonSkip {
 public:
  void Take(const JsonEvent& event) {
    if (event.Begins()) ++open_;
    if (event.Ends()) --open_;
  }
  bool Busy() const { return open_ > 0; }

 private:
  int open_ = 0;
};

// Turns text into events.  Strings above 1 MiB and nesting above 64 levels are
// errors, so that the memory in use does not depend on what is sent; invalid
// UTF-8 inside strings passes.  Loop only, or any one thread.
class JsonStream {
 public:
  enum class Values {
    kOne,   // what follows the first value is ignored
    kMany,  // one after the other, with or without blanks between them
  };

  // `events` must outlive the stream.
  explicit JsonStream(JsonEvents& events, Values values = Values::kOne);
  ~JsonStream();

  // False once the text cannot be JSON or On() said stop; then why() tells.
  bool Take(std::string_view piece);

  // After the last piece: is there one whole value, or with kMany any number of
  // them?
  bool Finish();

  // What is wrong with the text, "not JSON: syntax error"; "EOF" if there was
  // no text.  Empty if nothing is, or if On() said stop.
  const std::string& why() const { return why_; }

 private:
  class Parser;
  std::unique_ptr<Parser> parser_;
  const Values values_;
  bool between_ = true;  // nothing of a value has been read
  std::size_t taken_ = 0;
  bool stopped_ = false;
  std::string why_;
};

}  // namespace sextant
