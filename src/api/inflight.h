// How many requests may wait at the same time.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "sextant/obs/metrics.h"

namespace sextant::api {

// Hands out a limited number of places.  Loop only.
class Inflight {
 public:
  // Held by a request until it has its answer; leaves when it is destroyed.
  // May outlive the Inflight that it is from.
  class Place {
   public:
    explicit Place(std::shared_ptr<std::uint32_t> taken)
        : taken_(std::move(taken)) {
      ++*taken_;
    }
    ~Place() {
      if (taken_) --*taken_;
    }
    Place(Place&&) = default;
    Place& operator=(Place&&) = delete;

   private:
    std::shared_ptr<std::uint32_t> taken_;
  };

  // `limit` 0: there is none.  Shows the number taken as
  // apiserver_current_inflight_requests.
  Inflight(std::uint32_t limit, obs::Metrics& metrics);

  // Nothing if all places are taken.
  std::optional<Place> Enter();

 private:
  const std::uint32_t limit_;
  std::shared_ptr<std::uint32_t> taken_ = std::make_shared<std::uint32_t>(0);
};

}  // namespace sextant::api
