#include "data_readers.h"

#include <charconv>
#include <chrono>
#include <cmath>
#include <string_view>
#include <utility>

namespace sextant::backend {
namespace {

using Kind = JsonEvent::Kind;

// Of the names and values of one series; no real one comes near.
constexpr std::size_t kMaxSeriesBytes = std::size_t{1024} * 1024;

// "1", "1e+06", "NaN", "+Inf": the way Go prints a float64.
std::optional<double> ParseValue(std::string_view text) {
  if (text.size() > 1 && text.front() == '+' && text[1] != '-') {
    text.remove_prefix(1);
  }
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, failure] = std::from_chars(text.data(), end, value);
  // from_chars also reads C's "nan(0x1)".
  if (failure != std::errc() || stop != end || text.back() == ')') {
    return std::nullopt;
  }
  return value;
}

std::optional<TimePoint> ToTime(double seconds) {
  // The years that RFC 3339 can write: 1 to 9999.
  constexpr double kFirst = -62135596800;
  constexpr double kLast = 253402300799;
  if (!(seconds >= kFirst && seconds <= kLast)) return std::nullopt;
  return TimePoint(std::chrono::milliseconds(std::llround(seconds * 1000)));
}

}  // namespace

Error BadResponse(const std::string& why) {
  return {ErrorCode::kUnavailable, "bad_response: " + why, ""};
}

Result<Done> StringsReader::On(const JsonEvent& event, int depth) {
  if (depth == 0) {
    if (event.kind == Kind::kArray || event.kind == Kind::kEndArray ||
        event.kind == Kind::kNull) {
      return Done{};
    }
    return BadResponse("data is not a list");
  }
  if (event.kind != Kind::kString) {
    return BadResponse("data is not a list of strings");
  }
  strings.emplace_back(event.text);
  return Done{};
}

Result<Done> SeriesReader::On(const JsonEvent& event, int depth) {
  if (depth == 0) {
    if (event.kind == Kind::kArray || event.kind == Kind::kEndArray ||
        event.kind == Kind::kNull) {
      return Done{};
    }
    return BadResponse("data is not a list");
  }
  if (depth == 1) {
    if (event.kind == Kind::kEndObject) return sink_(labels_);
    if (event.kind != Kind::kObject) {
      return BadResponse("data is not a list of label sets");
    }
    labels_.clear();
    bytes_ = 0;
    return Done{};
  }
  bytes_ += event.text.size();
  if (bytes_ > kMaxSeriesBytes) {
    return Error{ErrorCode::kTooLarge,
                 "the labels of one series are larger than 1 MiB", ""};
  }
  if (event.kind == Kind::kKey) {
    name_ = event.text;
  } else if (event.kind == Kind::kString) {
    labels_[name_] = event.text;
  } else {
    return BadResponse("the value of a label is not a string");
  }
  return Done{};
}

Result<Done> QueryReader::On(const JsonEvent& event, int depth) {
  if (skip_.Busy()) {
    skip_.Take(event);
    return Done{};
  }
  switch (depth) {
    case 0:
      if (event.kind == Kind::kObject || event.kind == Kind::kEndObject ||
          event.kind == Kind::kNull) {
        return Done{};
      }
      return BadResponse("data is not an object");
    case 1:
      return OnField(event);
    case 2:
      return OnElement(event);
    case 3:
      return OnSampleField(event);
    default:
      return sample_field_ == Field::kMetric ? OnMetric(event) : OnPair(event);
  }
}

// "resultType", "result", and what servers add: "stats" ...
Result<Done> QueryReader::OnField(const JsonEvent& event) {
  if (event.kind == Kind::kKey) {
    field_ = event.text == "resultType" ? Field::kType
             : event.text == "result"   ? Field::kResult
                                        : Field::kOther;
    return Done{};
  }
  if (field_ == Field::kType) {
    if (event.kind != Kind::kString) {
      return BadResponse("resultType is not a string");
    }
    type_ = event.text;
  } else if (field_ == Field::kResult) {
    has_result_ = true;
    if (event.kind == Kind::kEndArray) return Done{};
    // The last of several counts, as for Go.
    result.null = event.kind == Kind::kNull;
    result.samples.clear();
    has_samples_ = has_valueless_ = false;
    pair_ = 0;
    if (event.kind != Kind::kArray && event.kind != Kind::kNull) {
      return BadResponse("result is not a list");
    }
  } else {
    skip_.Take(event);
  }
  return Done{};
}

// In the list that is the result: samples, or the two parts of a scalar.
Result<Done> QueryReader::OnElement(const JsonEvent& event) {
  if (event.kind == Kind::kEndObject) {
    // A sample of a matrix has "values" or "histograms", which are not kept.
    if (pair_ == 2) {
      result.samples.push_back(std::move(sample_));
    } else {
      has_valueless_ = true;
    }
    return Done{};
  }
  if (event.kind != Kind::kObject) {
    if (has_samples_) return BadResponse("result mixes samples and numbers");
    return OnPair(event);
  }
  if (!has_samples_ && pair_ > 0) {
    return BadResponse("result mixes samples and numbers");
  }
  has_samples_ = true;
  sample_ = model::Sample{};
  pair_ = 0;
  return Done{};
}

Result<Done> QueryReader::OnSampleField(const JsonEvent& event) {
  if (event.kind == Kind::kKey) {
    sample_field_ = event.text == "metric"      ? Field::kMetric
                    : event.text == "value"     ? Field::kValue
                    : event.text == "histogram" ? Field::kHistogram
                                                : Field::kOther;
    return Done{};
  }
  switch (sample_field_) {
    case Field::kMetric:
      if (event.kind == Kind::kObject || event.kind == Kind::kEndObject) {
        return Done{};
      }
      return BadResponse("the metric of a sample is not an object");
    case Field::kValue:
    case Field::kHistogram:
      if (event.kind == Kind::kArray) {
        pair_ = 0;
        sample_.native_histogram = sample_field_ == Field::kHistogram;
        return Done{};
      }
      if (event.kind == Kind::kEndArray && pair_ == 2) return Done{};
      return BadResponse("the value of a sample is not [time, \"value\"]");
    default:
      skip_.Take(event);
      return Done{};
  }
}

Result<Done> QueryReader::OnMetric(const JsonEvent& event) {
  if (event.kind == Kind::kKey) {
    label_ = event.text;
  } else if (event.kind == Kind::kString) {
    sample_.labels[label_] = event.text;
  } else {
    return BadResponse("the value of a label is not a string");
  }
  return Done{};
}

// [1712345678.901, "0.5"], and [1712345678.901, {...}] of a histogram.
Result<Done> QueryReader::OnPair(const JsonEvent& event) {
  ++pair_;
  if (pair_ == 1) {
    const std::optional<TimePoint> time =
        event.kind == Kind::kNumber ? ToTime(event.number) : std::nullopt;
    if (!time) return BadResponse("the time of a sample is not a number");
    sample_.time = *time;
    return Done{};
  }
  if (pair_ > 2) {
    return BadResponse("the value of a sample is not [time, \"value\"]");
  }
  if (sample_.native_histogram) {
    skip_.Take(event);
    return Done{};
  }
  if (event.kind != Kind::kString) {
    return BadResponse("the value of a sample is not a quoted number");
  }
  if (!has_samples_) {
    // Of a string it need not be a number; Finish() knows the type.
    scalar_ = event.text;
    return Done{};
  }
  const std::optional<double> value = ParseValue(event.text);
  if (!value) return BadResponse("the value of a sample is not a number");
  sample_.value = *value;
  return Done{};
}

Result<Done> QueryReader::Finish() {
  using Type = model::QueryResult::Type;
  if (type_ == "vector") {
    result.type = Type::kVector;
  } else if (type_ == "scalar") {
    result.type = Type::kScalar;
  } else if (type_ == "matrix") {
    result.type = Type::kMatrix;
  } else {
    // The query is to blame, so asking again is of no use.
    return Error{ErrorCode::kInvalidArgument,
                 "unexpected value type \"" + type_.value_or("") + "\"", ""};
  }
  if (!has_result_) return BadResponse("data has no result");
  if (result.type == Type::kMatrix) {
    result.samples.clear();
    return Done{};
  }
  if (result.type == Type::kVector) {
    if (!has_samples_ && pair_ > 0) {
      return BadResponse("a vector holds something else than samples");
    }
    if (has_valueless_) return BadResponse("a sample has no value");
    return Done{};
  }
  if (result.null) return Done{};
  const std::optional<double> value =
      !has_samples_ && pair_ == 2 ? ParseValue(scalar_) : std::nullopt;
  if (!value) return BadResponse("the scalar is not [time, \"number\"]");
  sample_.value = *value;
  result.samples = {std::move(sample_)};
  return Done{};
}

}  // namespace sextant::backend
