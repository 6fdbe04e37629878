#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sextant/base/clock.h"
#include "sextant/model/labels.h"

namespace sextant::model {

// One value of a series at one time.
struct Sample {
  Labels labels;
  TimePoint time;                 // the evaluation time that the backend says
  double value = 0;               // may be NaN or infinite
  bool native_histogram = false;  // then `value` says nothing
};

// The answer to an instant query.
struct QueryResult {
  enum class Type { kVector, kScalar, kMatrix };
  Type type = Type::kVector;
  bool null = false;            // "result": null, which the peer tells from []
  std::vector<Sample> samples;  // in the backend's order; a scalar has one
                                // without labels; a matrix none
  std::vector<std::string> warnings;
};

}  // namespace sextant::model
