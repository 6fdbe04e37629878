// What a request shows to prove who sends it.  Pure functions of the request,
// of whom to trust, and of the time.

#pragma once

#include <memory>
#include <optional>
#include <string>

#include "sextant/auth/trust.h"
#include "sextant/base/clock.h"
#include "sextant/base/result.h"
#include "sextant/model/identity.h"
#include "sextant/net/http.h"

namespace sextant::auth {

// Each gives nothing if the request does not try to prove anything this way,
// and an error if it tries and fails.  Errors hold no credential.
using Claim = Result<std::optional<model::Identity>>;

// Who a front proxy says calls.  Headers count only beside its certificate.
//
// Groups are all values of all group headers, as they are: a comma is a part of
// a name.  A name or uid that is sent twice is an error, since a proxy that
// adds its own to what its client sent cannot be told from an attacker.
Claim ByFrontProxy(const net::Request& request, const FrontProxy& proxy,
                   TimePoint now);

// Whom the certificate itself names: user by common name, groups by
// organizations.
Claim ByCertificate(const net::Request& request,
                    const std::shared_ptr<const net::CaBundle>& ca,
                    TimePoint now);

// The token of "Authorization: Bearer"; other schemes are not looked at.
Result<std::optional<std::string>> ReadBearerToken(const net::Headers& headers);

}  // namespace sextant::auth
