#pragma once

#include <map>
#include <string>

#include "sextant/base/clock.h"

namespace sextant::kube {

// Tells the log when watches fail and when they work again: an API server that
// is down fails all of them at once, and that is one event, not sixty.
//
// Watches that fail for the same reason are one outage: a warning when the
// first of them begins to fail, and a line with their number when the last of
// them works again or is given up.  Loop only.
class WatchOutages {
 public:
  // The watch of `objects` ("pods in shop") fails, and not for the first time.
  // What `why` says of these objects alone does not make it another reason.
  void Fails(const std::string& objects, std::string why, TimePoint now);

  // It works again.
  void Works(const std::string& objects, TimePoint now);

  // It is given up as it is.
  void Ends(const std::string& objects, TimePoint now);

 private:
  struct Outage {
    TimePoint began;
    std::size_t failing = 0;  // now
    std::size_t failed = 0;   // in all
    bool mended = false;      // one of them worked again
  };

  void Leave(const std::string& objects, bool works, TimePoint now);

  std::map<std::string, Outage> outages_;          // by the reason
  std::map<std::string, std::string> reasons_of_;  // by the objects
};

}  // namespace sextant::kube
