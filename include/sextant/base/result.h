// The outcome of an operation that can fail for a reason outside this program:
// a malformed request, a missing file, a backend that timed out.
//
// A Result<T> holds either a T or an Error.  Reading the side it does not hold
// throws std::bad_variant_access; that is a bug, not a way to report failure.
//
// The members are the ones of std::expected that this project uses, under the
// same names, so that one day this file can become an alias.

#pragma once

#include <string>
#include <utility>
#include <variant>

namespace sextant {

// What kind of failure it is.  api/status.h gives each its HTTP status.
enum class ErrorCode {
  kInvalidArgument,   // the caller sent something that can never succeed
  kUnauthenticated,   // we do not know who the caller is
  kPermissionDenied,  // we know, and the caller may not do this
  kNotFound,
  kMethodNotAllowed,  // HTTP: this path does not know that method
  kNotAcceptable,     // HTTP: none of the media types asked for can be had
  kTooLarge,          // a limit on size was passed
  kTooManyRequests,
  kDeadlineExceeded,
  kUnavailable,  // something we depend on failed; trying again may help
  kInternal,
};

struct Error {
  ErrorCode code;
  std::string message;  // safe to show to any client of the API
  std::string detail;   // for the log only: addresses, causes; no secrets, no
                        // replies

  // Says where the error happened: Within("rule 3") gives "rule 3: ...".
  Error Within(const std::string& place) && {
    message = place + ": " + message;
    return std::move(*this);
  }
};

template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  explicit operator bool() const { return state_.index() == 0; }

  T& operator*() & { return std::get<0>(state_); }
  const T& operator*() const& { return std::get<0>(state_); }
  T&& operator*() && { return std::get<0>(std::move(state_)); }
  T* operator->() { return &std::get<0>(state_); }
  const T* operator->() const { return &std::get<0>(state_); }

  const Error& error() const& { return std::get<1>(state_); }
  Error&& error() && { return std::get<1>(std::move(state_)); }

 private:
  std::variant<T, Error> state_;
};

// For operations that return nothing when they succeed: Result<Done>.
struct Done {};

}  // namespace sextant
