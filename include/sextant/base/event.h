#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <memory>

#include "sextant/base/task.h"

namespace sextant {

// Something that Tasks wait for and another one brings about.
//
//   while (!there) co_await event.Wait();
//
// Loop only.
class Event {
 public:
  explicit Event(const boost::asio::any_io_executor& loop);
  ~Event();
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  // Until the next Notify(), or until the Task is cancelled: then the next
  // co_await of the Task throws, as everywhere.  The event must outlive it.
  Task<void> Wait();

  // Wakes all that wait now.
  void Notify();

 private:
  struct Timer;
  const std::unique_ptr<Timer> timer_;
};

}  // namespace sextant
