// Finding out which dialect a backend speaks.

#pragma once

#include <string_view>

#include "sextant/backend/dialect.h"
#include "sextant/base/clock.h"
#include "sextant/net/client.h"
#include "sextant/net/url.h"

namespace sextant::backend {

// What is known of one backend's dialect, and when to ask for more.
//
// A dialect that the user has named stands.  Else the URL decides; where it
// says nothing, what /api/v1/status/buildinfo holds; and a header of
// VictoriaMetrics' at any time.  Until something is known the dialect is
// CautiousDialect().  Each change is logged.
class DialectFinder {
 public:
  // `chosen` may be null: not named.
  DialectFinder(const Dialect* chosen, const net::Url& url);

  const Recognition& current() const { return current_; }

  // Is it time to ask for buildinfo?
  bool ShouldAsk(TimePoint now) const;

  // The head of any reply.
  void Hear(const net::ResponseHead& head);

  // The reply to the question for buildinfo.  A failure of the server, or of
  // the credentials, is no answer: ShouldAsk() is true again some seconds
  // later.
  void HearBuild(const net::ClientResponse& reply, TimePoint now);

  // That question got no reply in time.
  void HearNothing(TimePoint now);

 private:
  void Take(const Dialect& dialect, std::string why);

  Recognition current_{&CautiousDialect(), ""};
  bool chosen_ = false;   // by the user
  bool decided_ = false;  // nothing needs to be asked
  TimePoint ask_at_ = TimePoint::min();
};

}  // namespace sextant::backend
