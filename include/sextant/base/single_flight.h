#pragma once

#include <boost/asio/this_coro.hpp>
#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>

#include "sextant/base/event.h"
#include "sextant/base/spawn.h"
#include "sextant/base/task.h"

namespace sextant {

// Callers that ask for the same key while its answer is on the way share it.
//
//   co_return co_await flights_.Do(promql, [&] { return backend.Query(...); });
//
// The work lives as long as somebody waits for it: when the last waiter is
// cancelled (its client went away, its deadline passed; see Before() in
// base/spawn.h) the work is cancelled too, and the next caller starts anew.
// An answer is forgotten as soon as it has been handed out; keeping answers is
// the business of a cache.  Use on the loop only; must outlive its Tasks.
template <typename Key, typename Value>
class SingleFlight {
 public:
  // `fetch` is () -> Task<Value>.  What it refers to must outlive this object,
  // not the caller: the work may go on for others.
  template <typename Fetch>
  Task<Value> Do(Key key, Fetch fetch) {
    // Held by value: the map may change at every step from here on.
    std::shared_ptr<Flight> flight = flights_[key];
    if (!flight) {
      auto executor = co_await boost::asio::this_coro::executor;
      flight = flights_[key] = std::make_shared<Flight>(executor);
      flight->work = Spawn(executor, Fly(this, key, flight, std::move(fetch)));
    }
    const Waiter waiter(*this, key, flight);
    while (!flight->value) co_await flight->landed.Wait();
    co_return *flight->value;
  }

  std::size_t InFlight() const { return flights_.size(); }

 private:
  struct Flight {
    explicit Flight(const boost::asio::any_io_executor& executor)
        : landed(executor) {}
    Event landed;
    std::optional<Value> value;
    Running work;
    std::size_t waiters = 0;
  };

  // Counts one waiter; the last to leave before the landing stops the work.
  class Waiter {
   public:
    Waiter(SingleFlight& flights, const Key& key,
           std::shared_ptr<Flight> flight)
        : flights_(flights), key_(key), flight_(std::move(flight)) {
      ++flight_->waiters;
    }
    ~Waiter() {
      if (--flight_->waiters > 0 || flight_->value) return;
      flights_.Forget(key_, flight_);
      flight_->work.Cancel();
    }
    Waiter(const Waiter&) = delete;
    Waiter& operator=(const Waiter&) = delete;

   private:
    SingleFlight& flights_;
    const Key key_;
    const std::shared_ptr<Flight> flight_;
  };

  // Another flight of the same key may have started since.
  void Forget(const Key& key, const std::shared_ptr<Flight>& flight) {
    const auto found = flights_.find(key);
    if (found != flights_.end() && found->second == flight) {
      flights_.erase(found);
    }
  }

  template <typename Fetch>
  static Task<void> Fly(SingleFlight* self, Key key,
                        std::shared_ptr<Flight> flight, Fetch fetch) {
    flight->value.emplace(co_await fetch());
    self->Forget(key, flight);
    flight->landed.Notify();
  }

  std::unordered_map<Key, std::shared_ptr<Flight>> flights_;
};

}  // namespace sextant
