// One reply of the API, from its first byte to the verdict.

#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data_readers.h"
#include "sextant/backend/dialect.h"
#include "sextant/base/json_stream.h"
#include "sextant/base/result.h"
#include "sextant/net/client.h"

namespace sextant::backend {

// {"status":"success","data":...,"warnings":[...]} or
// {"status":"error","errorType":"bad_data","error":"..."}: takes `data` to a
// DataReader, keeps what stands around it and passes over what it does not
// know.  What stands in front of a backend answers in shapes of its own:
// {"error":{"status":"PERMISSION_DENIED","message":"..."}} and
// {"message":"..."} are errors too.
class EnvelopeReader final : public JsonEvents {
 public:
  explicit EnvelopeReader(DataReader& data) : data_(data) {}

  bool On(const JsonEvent& event) override;

  std::string status;
  std::string error_type;
  std::string error;
  std::string message;  // of {"message":"..."}, which is no envelope
  std::vector<std::string> warnings;  // the first 100
  bool partial = false;
  bool has_data = false;
  // Why the reading stopped, or why `data` was given up.
  std::optional<Error> failure;

 private:
  enum class Field {
    kOther,
    kStatus,
    kErrorType,
    kError,
    kMessage,
    kWarnings,
    kPartial,
    kData
  };

  bool OnValue(const JsonEvent& event);
  bool OnText(const JsonEvent& event, std::string& out);
  bool OnErrorObject(const JsonEvent& event);
  bool OnData(const JsonEvent& event);

  DataReader& data_;
  int depth_ = 0;
  Field field_ = Field::kOther;
  bool in_error_ = false;    // between the braces of an error that is an object
  std::string error_field_;  // of that object
  JsonSkip skip_;
};

// The sink of a request, and what came of it.
//
// Replies with status 2xx, 400, 422 and 503 are read as the API's; all others
// are errors whatever they hold, but for the text of an error in them, which is
// kept.  `data` must outlive this.
class Reply {
 public:
  Reply(DataReader& data, std::size_t max_bytes);

  Result<Done> Take(const net::ResponseHead& head, std::string_view piece);

  // Masks `secret` in whatever the reply says in words.
  void Hide(std::string_view secret);

  // Once the transfer has ended, with this.
  Result<Done> Judge(const Result<net::ResponseHead>& sent,
                     const Dialect& dialect);

  std::vector<std::string>& warnings() { return envelope_.warnings; }

 private:
  DataReader& data_;
  const std::size_t max_bytes_;
  std::size_t bytes_ = 0;
  EnvelopeReader envelope_;
  JsonStream stream_;
};

}  // namespace sextant::backend
