#include "sextant/base/json_stream.h"

#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>
#include <cstdint>

namespace sextant {
namespace {

constexpr std::size_t kMaxString = std::size_t{1024} * 1024;
constexpr std::size_t kMaxDepth = 64;
constexpr std::size_t kNoLimit = static_cast<std::size_t>(-1);

using Code = boost::json::error_code;
using Text = boost::json::string_view;

// The names of its functions are Boost.JSON's.
// NOLINTBEGIN(readability-identifier-naming)
class Handler {
 public:
  static constexpr std::size_t max_object_size = kNoLimit;
  static constexpr std::size_t max_array_size = kNoLimit;
  static constexpr std::size_t max_key_size = kMaxString;
  static constexpr std::size_t max_string_size = kMaxString;

  explicit Handler(JsonEvents& events) : events_(events) {}

  bool stopped() const { return stopped_; }

  bool on_document_begin(Code&) { return true; }
  bool on_document_end(Code&) { return true; }
  bool on_object_begin(Code& ec) {
    return Emit({JsonEvent::Kind::kObject}, ec);
  }
  bool on_object_end(std::size_t, Code& ec) {
    return Emit({JsonEvent::Kind::kEndObject}, ec);
  }
  bool on_array_begin(Code& ec) { return Emit({JsonEvent::Kind::kArray}, ec); }
  bool on_array_end(std::size_t, Code& ec) {
    return Emit({JsonEvent::Kind::kEndArray}, ec);
  }
  bool on_key_part(Text part, std::size_t, Code&) { return Gather(part); }
  bool on_key(Text rest, std::size_t, Code& ec) {
    return EmitText(JsonEvent::Kind::kKey, rest, ec);
  }
  bool on_string_part(Text part, std::size_t, Code&) { return Gather(part); }
  bool on_string(Text rest, std::size_t, Code& ec) {
    return EmitText(JsonEvent::Kind::kString, rest, ec);
  }
  bool on_number_part(Text, Code&) { return true; }
  bool on_int64(std::int64_t number, Text, Code& ec) {
    return EmitNumber(static_cast<double>(number), ec);
  }
  bool on_uint64(std::uint64_t number, Text, Code& ec) {
    return EmitNumber(static_cast<double>(number), ec);
  }
  bool on_double(double number, Text, Code& ec) {
    return EmitNumber(number, ec);
  }
  bool on_bool(bool truth, Code& ec) {
    JsonEvent event{JsonEvent::Kind::kBool};
    event.truth = truth;
    return Emit(event, ec);
  }
  bool on_null(Code& ec) { return Emit({JsonEvent::Kind::kNull}, ec); }
  bool on_comment_part(Text, Code&) { return true; }
  bool on_comment(Text, Code&) { return true; }

 private:
  bool Gather(Text part) {
    gathered_.append(part.data(), part.size());
    return true;
  }

  bool EmitText(JsonEvent::Kind kind, Text rest, Code& ec) {
    JsonEvent event{kind};
    if (gathered_.empty()) {
      event.text = std::string_view(rest.data(), rest.size());
      return Emit(event, ec);
    }
    Gather(rest);
    event.text = gathered_;
    const bool go_on = Emit(event, ec);
    gathered_.clear();
    return go_on;
  }

  bool EmitNumber(double number, Code& ec) {
    JsonEvent event{JsonEvent::Kind::kNumber};
    event.number = number;
    return Emit(event, ec);
  }

  bool Emit(const JsonEvent& event, Code& ec) {
    if (events_.On(event)) return true;
    stopped_ = true;
    ec = boost::json::error::exception;  // some error must be set
    return false;
  }

  JsonEvents& events_;
  std::string gathered_;  // the parts of a string that came in several pieces
  bool stopped_ = false;
};
// NOLINTEND(readability-identifier-naming)

boost::json::parse_options Options() {
  boost::json::parse_options options;
  options.max_depth = kMaxDepth;
  options.allow_invalid_utf8 = true;
  return options;
}

}  // namespace

class JsonStream::Parser : public boost::json::basic_parser<Handler> {
 public:
  explicit Parser(JsonEvents& events) : basic_parser(Options(), events) {}
};

JsonStream::JsonStream(JsonEvents& events, Values values)
    : parser_(std::make_unique<Parser>(events)), values_(values) {}

JsonStream::~JsonStream() = default;

bool JsonStream::Take(std::string_view piece) {
  if (stopped_) return false;
  while (!piece.empty()) {
    // That a value has ended shows by what follows it.
    if (parser_->done()) {
      if (values_ == Values::kOne) return true;
      parser_->reset();
      between_ = true;
    }
    if (between_) {
      const std::size_t begin = piece.find_first_not_of(" \t\r\n");
      const std::size_t blanks = std::min(begin, piece.size());
      taken_ += blanks;
      piece.remove_prefix(blanks);
      if (piece.empty()) return true;
      between_ = false;
    }
    Code ec;
    const std::size_t size =
        parser_->write_some(true, piece.data(), piece.size(), ec);
    if (ec) {
      stopped_ = true;
      if (!parser_->handler().stopped()) why_ = "not JSON: " + ec.message();
      return false;
    }
    taken_ += size;
    piece.remove_prefix(size);
  }
  return true;
}

bool JsonStream::Finish() {
  if (stopped_) return false;
  if (parser_->done()) return true;
  if (between_ && values_ == Values::kMany) return true;
  Code ec;
  parser_->write_some(false, "", 0, ec);
  if (!ec) return true;
  stopped_ = true;
  if (!parser_->handler().stopped()) {
    why_ = taken_ == 0 ? "EOF"
                       : "the reply ends too early, after byte " +
                             std::to_string(taken_);
  }
  return false;
}

}  // namespace sextant
