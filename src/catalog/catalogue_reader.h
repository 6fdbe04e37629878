// Finding series on backends that take no pattern of metric names
// (docs/decisions/0019): Discovery::kCatalogue.

#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "rule_group.h"
#include "sextant/backend/backend.h"
#include "sextant/base/clock.h"
#include "sextant/base/result.h"
#include "sextant/base/single_flight.h"
#include "sextant/base/task.h"

namespace sextant::catalog {

// Which labels the series of each metric carry; only metrics that have series.
using LabelsByName = std::map<std::string, std::vector<std::string>>;

// Reads the list of all metrics, which may have tens of thousands of names,
// picks those that a rule could take, and asks for the labels of each.  A
// seriesQuery with an exact name needs no list.
//
// What was read is good for some minutes, so that requests which miss do not
// ask for it all again.  Loop only; must outlive its Tasks.
class CatalogueReader {
 public:
  struct Options {
    Duration max_age;          // how far back to look
    Duration request_timeout;  // of every single question
  };

  // Of a rule; each costs a question.
  static constexpr std::size_t kMostNames = 500;

  // Both must outlive this object.
  CatalogueReader(Options options, backend::Backend& backend, Clock& clock);

  // kInvalidArgument if the group's seriesQuery is not surely understood, or
  // selects more than kMostNames of the list; else the backend's errors.
  // `again`: what is remembered of labels does not count, only the list does.
  Task<Result<LabelsByName>> Read(RuleGroup group, bool again);

  // Drops what is remembered, and will not remember what is on the way.
  void Forget();

 private:
  using Names = std::shared_ptr<const std::vector<std::string>>;

  struct Known {
    std::vector<std::string> labels;
    TimePoint until;
  };

  struct Reading;

  Task<Result<Names>> AllNames();
  Task<Result<Names>> AskForNames();
  Task<Result<std::vector<std::string>>> NamesFor(RuleGroup group);
  // Of the series of one selector.
  Task<Result<std::vector<std::string>>> Labels(std::string selector,
                                                bool again);
  static Task<void> ReadOne(CatalogueReader* self,
                            std::shared_ptr<Reading> reading, bool again,
                            std::size_t place);
  backend::SeriesMatch Match(std::string selector) const;

  const Options options_;
  backend::Backend& backend_;
  Clock& clock_;
  Names names_;  // null: not read yet
  TimePoint names_until_;
  SingleFlight<int, Result<Names>> reading_;
  std::map<std::string, Known> labels_;  // by selector
  std::uint64_t forgotten_ = 0;          // how often
};

}  // namespace sextant::catalog
