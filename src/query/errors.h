// What clients read when a request fails: prometheus-adapter's texts, byte for
// byte, because people search for them.

#pragma once

#include <string>
#include <utility>

#include "sextant/base/result.h"

namespace sextant::query {

// `what`: the resource as the client wrote it, and the object's name if any.
inline Error NoSuchMetric(const std::string& metric, const std::string& what,
                          std::string detail) {
  return {ErrorCode::kNotFound,
          "the server could not find the metric " + metric + " for " + what,
          std::move(detail)};
}

inline Error CannotFetch(std::string detail) {
  return {ErrorCode::kInternal,
          "Internal error occurred: unable to fetch metrics",
          std::move(detail)};
}

inline Error CannotList(std::string detail) {
  return {ErrorCode::kInternal,
          "Internal error occurred: unable to list matching resources",
          std::move(detail)};
}

inline Error TooLate(std::string detail) {
  return {ErrorCode::kDeadlineExceeded,
          "Timeout: request did not complete within the allotted timeout",
          std::move(detail)};
}

}  // namespace sextant::query
