#include "reply.h"

#include <algorithm>
#include <array>
#include <utility>

#include "sextant/base/text.h"

namespace sextant::backend {
namespace {

using Kind = JsonEvent::Kind;

constexpr std::size_t kMaxWarnings = 100;

// Servers quote the query in their errors, whatever its length.
constexpr std::size_t kMaxErrorText = 1024;

constexpr std::string_view kMask = "***";

bool IsSuccess(int status) { return status >= 200 && status < 300; }

bool IsReadable(int status) {
  return IsSuccess(status) || status == 400 || status == 422 || status == 503;
}

std::string Shortened(std::string text) {
  if (text.size() <= kMaxErrorText) return text;
  text.resize(kMaxErrorText);
  // Not in the middle of a character.
  while (!text.empty() && !IsUtf8(text) && text.size() > kMaxErrorText - 4) {
    text.pop_back();
  }
  return text + "...";
}

// A Prometheus whose deadline passes may say so as 503 timeout and as 422
// execution; VictoriaMetrics only in words.
bool TellsOfTimeout(const EnvelopeReader& envelope) {
  constexpr std::array<std::string_view, 3> kTexts = {
      "context deadline exceeded", "timed out", "timeout exceeded"};
  return envelope.error_type == "timeout" ||
         std::any_of(kTexts.begin(), kTexts.end(), [&](std::string_view text) {
           return envelope.error.find(text) != std::string::npos;
         });
}

ErrorCode CodeOf(int status, const EnvelopeReader& envelope) {
  if (TellsOfTimeout(envelope)) return ErrorCode::kDeadlineExceeded;
  const std::string& type = envelope.error_type;
  if (type == "DEADLINE_EXCEEDED") return ErrorCode::kDeadlineExceeded;
  if (type == "canceled" || type == "internal" || type == "unavailable") {
    return ErrorCode::kUnavailable;
  }
  // VictoriaMetrics' type is the status once more.
  const bool refused = status == 400 || status == 422 || type == "bad_data" ||
                       type == "execution" || type == "400" || type == "422";
  return refused ? ErrorCode::kInvalidArgument : ErrorCode::kUnavailable;
}

std::string HintOnStatus(const net::ResponseHead& head,
                         const Dialect& dialect) {
  const int status = head.status;
  if (status >= 300 && status < 400) {
    return "a redirect that leads nowhere; the URL should be where it leads";
  }
  switch (status) {
    case 401:
    case 403: {
      std::string hint =
          "the backend asks for credentials, or refuses those it got";
      if (dialect.refused_hint.empty()) return hint;
      return hint + "; " + std::string(dialect.refused_hint);
    }
    // VictoriaMetrics says 400 where others say 404.
    case 400:
    case 404:
      return "is the path of the URL the prefix of the API?";
    case 429: {
      const std::string* const wait = head.headers.Find("Retry-After");
      std::string hint = "the backend is overloaded, or a quota is used up";
      if (wait == nullptr || wait->empty() || wait->size() > 10 ||
          wait->find_first_not_of("0123456789") != std::string::npos) {
        return hint;
      }
      return hint + "; it asks to be left alone for " + *wait + " seconds";
    }
    case 503:
      if (const std::string* const stopping =
              head.headers.Find("X-Prometheus-Stopping")) {
        return *stopping == "true" ? "the server is stopping"
                                   : "the server is starting";
      }
      return "";
    default:
      return "";
  }
}

std::string HintOnText(const std::string& error, const Dialect& dialect) {
  for (const Dialect::Hint& hint : dialect.hints) {
    if (error.find(hint.text) != std::string::npos) {
      return std::string(hint.advice);
    }
  }
  return "";
}

// Of Prometheus; of Mimir, whose querier.max-... limits say "results may be
// truncated due to"; of some proxies.
bool TellsOfTruncation(const std::string& warning) {
  return warning.find("truncated due to") != std::string::npos;
}

// Thanos has no place for the notes of PromQL but among the warnings.
bool IsPromqlNote(const std::string& warning) {
  return warning.starts_with("PromQL info") ||
         warning.starts_with("PromQL warning");
}

// The warning that says that data is missing; null if there is none.
const std::string* WarningOfMissingData(
    const std::vector<std::string>& warnings, const Dialect& dialect) {
  for (const std::string& warning : warnings) {
    if (TellsOfTruncation(warning) ||
        (dialect.warns_of_missing_data && !IsPromqlNote(warning))) {
      return &warning;
    }
  }
  return nullptr;
}

}  // namespace

bool EnvelopeReader::On(const JsonEvent& event) {
  if (skip_.Busy()) {
    skip_.Take(event);
    return true;
  }
  if (event.Ends()) --depth_;
  bool go_on = true;
  if (depth_ == 0) {
    if (event.kind != Kind::kObject && event.kind != Kind::kEndObject) {
      failure = BadResponse("the reply is not an object");
      return false;
    }
  } else if (depth_ == 1 && event.kind == Kind::kKey) {
    field_ = event.text == "status"      ? Field::kStatus
             : event.text == "errorType" ? Field::kErrorType
             : event.text == "error"     ? Field::kError
             : event.text == "message"   ? Field::kMessage
             : event.text == "warnings"  ? Field::kWarnings
             : event.text == "isPartial" ? Field::kPartial
             : event.text == "data"      ? Field::kData
                                         : Field::kOther;
  } else {
    go_on = OnValue(event);
  }
  // What is passed over has its own count of what is open.
  if (event.Begins() && !skip_.Busy()) ++depth_;
  return go_on;
}

bool EnvelopeReader::OnValue(const JsonEvent& event) {
  switch (field_) {
    case Field::kStatus:
      return OnText(event, status);
    case Field::kErrorType:
      return OnText(event, error_type);
    case Field::kError:
      if (in_error_ || event.kind == Kind::kObject) return OnErrorObject(event);
      return OnText(event, error);
    case Field::kMessage:
      if (event.kind == Kind::kString) message = event.text;
      skip_.Take(event);
      return true;
    case Field::kPartial:
      partial = event.kind == Kind::kBool && event.truth;
      skip_.Take(event);
      return true;
    case Field::kWarnings:
      if (depth_ == 1 && event.kind != Kind::kObject) return true;
      if (event.kind == Kind::kString && warnings.size() < kMaxWarnings) {
        warnings.push_back(Shortened(std::string(event.text)));
      }
      skip_.Take(event);
      return true;
    case Field::kData:
      return OnData(event);
    default:
      skip_.Take(event);
      return true;
  }
}

bool EnvelopeReader::OnText(const JsonEvent& event, std::string& out) {
  if (event.kind == Kind::kString) {
    out = event.text;
  } else if (event.kind != Kind::kNull) {
    failure = BadResponse("status, errorType or error is not a string");
    return false;
  }
  return true;
}

// {"code":403,"status":"PERMISSION_DENIED","message":"..."}: Google's, and
// Azure's, whose code is a word.
bool EnvelopeReader::OnErrorObject(const JsonEvent& event) {
  if (depth_ == 1) {
    in_error_ = event.kind == Kind::kObject;
    if (in_error_) status = "error";
    return true;
  }
  if (event.kind == Kind::kKey) {
    error_field_ = event.text;
    return true;
  }
  if (event.kind == Kind::kString) {
    if (error_field_ == "message") error = event.text;
    if (error_field_ == "status" ||
        (error_field_ == "code" && error_type.empty())) {
      error_type = event.text;
    }
  }
  skip_.Take(event);
  return true;
}

bool EnvelopeReader::OnData(const JsonEvent& event) {
  has_data = true;
  if (!failure) {
    Result<Done> taken = data_.On(event, depth_ - 1);
    if (taken) return true;
    failure = std::move(taken).error();
  }
  // The shape of `data` says nothing if the reply is an error after all.
  return status.empty() || status == "error";
}

Reply::Reply(DataReader& data, std::size_t max_bytes)
    : data_(data), max_bytes_(max_bytes), envelope_(data), stream_(envelope_) {}

Result<Done> Reply::Take(const net::ResponseHead& head,
                         std::string_view piece) {
  bytes_ += piece.size();
  if (bytes_ > max_bytes_) {
    return Error{ErrorCode::kTooLarge,
                 "the backend's reply is larger than " +
                     std::to_string(max_bytes_ >> 20U) + " MiB",
                 ""};
  }
  // The status of a failure says more than what is wrong with its text.
  if (stream_.Take(piece) || !IsSuccess(head.status)) return Done{};
  if (envelope_.failure) return *envelope_.failure;
  return BadResponse(stream_.why());
}

void Reply::Hide(std::string_view secret) {
  const auto mask = [secret](std::string& text) {
    std::size_t at = 0;
    while ((at = text.find(secret, at)) != std::string::npos) {
      text.replace(at, secret.size(), kMask);
      at += kMask.size();
    }
  };
  mask(envelope_.error_type);
  mask(envelope_.error);
  mask(envelope_.message);
  for (std::string& warning : envelope_.warnings) mask(warning);
}

Result<Done> Reply::Judge(const Result<net::ResponseHead>& sent,
                          const Dialect& dialect) {
  // Take()'s own errors come back this way, and so do those of the network.
  if (!sent) return sent.error();
  const int status = sent->status;
  const bool whole = stream_.Finish();
  if (whole && envelope_.status == "error") {
    std::string hint = HintOnText(envelope_.error, dialect);
    if (hint.empty() && !IsReadable(status)) {
      hint = HintOnStatus(*sent, dialect);
    }
    return Error{CodeOf(status, envelope_),
                 Shortened(envelope_.error_type + ": " + envelope_.error),
                 std::move(hint)};
  }
  if (!IsReadable(status)) {
    Error unknown =
        BadResponse("unknown response code " + std::to_string(status));
    if (whole && !envelope_.message.empty()) {
      unknown.message += ": " + Shortened(envelope_.message);
    }
    unknown.detail = HintOnStatus(*sent, dialect);
    return unknown;
  }
  if (envelope_.failure) return *envelope_.failure;
  if (!whole) {
    Error unread = BadResponse(stream_.why());
    if (!IsSuccess(status)) unread.detail = HintOnStatus(*sent, dialect);
    return unread;
  }
  const std::string* const missing =
      WarningOfMissingData(envelope_.warnings, dialect);
  if (envelope_.partial || missing != nullptr) {
    return Error{ErrorCode::kUnavailable,
                 "the backend says that its answer is partial",
                 missing == nullptr ? "" : "its warning: " + *missing};
  }
  if (envelope_.has_data) return data_.Finish();
  return BadResponse(envelope_.message.empty() ? "the reply has no data"
                                               : Shortened(envelope_.message));
}

}  // namespace sextant::backend
