#pragma once

#include <cstddef>
#include <iterator>
#include <list>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "sextant/base/clock.h"

namespace sextant::auth {

// What was found out not long ago, by key.  When it is full, what was asked for
// the longest ago goes.  Loop only.
template <typename Value>
class ExpiringCache {
 public:
  // Entries are good for `kept`; zero: never.
  ExpiringCache(std::size_t capacity, Duration kept)
      : capacity_(capacity), kept_(kept) {}

  std::optional<Value> Find(const std::string& key, TimePoint now) {
    const auto found = places_.find(key);
    if (found == places_.end()) return std::nullopt;
    const auto entry = found->second;
    // A clock that was set back makes no entry live longer.
    if (now < entry->from || entry->from + kept_ <= now) {
      Drop(entry);
      return std::nullopt;
    }
    entries_.splice(entries_.begin(), entries_, entry);
    return entry->value;
  }

  void Put(const std::string& key, Value value, TimePoint now) {
    const auto found = places_.find(key);
    if (found != places_.end()) Drop(found->second);
    if (kept_ <= Duration::zero() || capacity_ == 0) return;
    if (entries_.size() >= capacity_) Drop(std::prev(entries_.end()));
    entries_.push_front({key, std::move(value), now});
    places_[key] = entries_.begin();
  }

  std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    std::string key;
    Value value;
    TimePoint from;
  };
  using Place = typename std::list<Entry>::iterator;

  void Drop(Place entry) {
    places_.erase(entry->key);
    entries_.erase(entry);
  }

  const std::size_t capacity_;
  const Duration kept_;
  std::list<Entry> entries_;  // what was asked for last comes first
  std::unordered_map<std::string, Place> places_;
};

}  // namespace sextant::auth
