// The `data` of a reply in its three forms, read as it arrives.

#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sextant/backend/backend.h"
#include "sextant/base/json_stream.h"
#include "sextant/base/result.h"
#include "sextant/model/labels.h"
#include "sextant/model/sample.h"

namespace sextant::backend {

// "bad_response: <why>": what came is not the reply of such an API.
Error BadResponse(const std::string& why);

class DataReader {
 public:
  virtual ~DataReader() = default;

  // An event at this depth: the value of `data` itself is at 0, what it holds
  // at 1 and so on; the end of a list or object is at the depth of its
  // beginning.  An error ends the reading.
  virtual Result<Done> On(const JsonEvent& event, int depth) = 0;

  // After the last event: was anything missing?
  virtual Result<Done> Finish() { return Done{}; }
};

// ["a","b"]; null is an empty list.
class StringsReader final : public DataReader {
 public:
  Result<Done> On(const JsonEvent& event, int depth) override;

  std::vector<std::string> strings;
};

// [{"__name__":"up","job":"a"}, ...], handed on one at a time.
class SeriesReader final : public DataReader {
 public:
  explicit SeriesReader(SeriesSink sink) : sink_(std::move(sink)) {}

  Result<Done> On(const JsonEvent& event, int depth) override;

 private:
  SeriesSink sink_;
  model::Labels labels_;
  std::string name_;       // of the label whose value comes next
  std::size_t bytes_ = 0;  // of this series
};

// {"resultType":"vector","result":[...]}, its fields in any order.
class QueryReader final : public DataReader {
 public:
  Result<Done> On(const JsonEvent& event, int depth) override;
  Result<Done> Finish() override;

  model::QueryResult result;

 private:
  // What the open objects and lists stand for.
  enum class Field { kOther, kType, kResult, kMetric, kValue, kHistogram };

  Result<Done> OnField(const JsonEvent& event);
  Result<Done> OnElement(const JsonEvent& event);
  Result<Done> OnSampleField(const JsonEvent& event);
  Result<Done> OnMetric(const JsonEvent& event);
  Result<Done> OnPair(const JsonEvent& event);

  std::optional<std::string> type_;
  bool has_result_ = false;
  bool has_samples_ = false;
  bool has_valueless_ = false;
  Field field_ = Field::kOther;         // of data
  Field sample_field_ = Field::kOther;  // of the sample being read
  JsonSkip skip_;
  model::Sample sample_;
  std::string label_;
  int pair_ = 0;        // how much of [time, "value"] has been read
  std::string scalar_;  // the second half, if the result is such a pair
};

}  // namespace sextant::backend
