// What servers of OAuth tokens answer.  Pure.

#pragma once

#include <string>
#include <string_view>

#include "sextant/base/clock.h"
#include "sextant/base/result.h"

namespace sextant::cloud {

struct TokenLease {
  std::string token;
  TimePoint end;
};

// {"access_token", "expires_in", "token_type"}.  expires_in may be a number or
// a text, and what lasts longer than a day is taken for a day.  The error
// continues "https://... ": "answers a token that has ended".
Result<TokenLease> ReadTokenReply(std::string_view json, TimePoint now);

// {"accessToken", "expireTime"} of Google's generateAccessToken.
Result<TokenLease> ReadImpersonationReply(std::string_view json, TimePoint now);

// The code of an error: "invalid_grant" of {"error": "invalid_grant"},
// "PERMISSION_DENIED" of Google's {"error": {"status": ...}}, "AADSTS700016" of
// Azure's {"error_codes": [700016]}; empty if there is none that reads like
// one.  Other texts may repeat what they were sent.
std::string OAuthErrorIn(std::string_view reply);

}  // namespace sextant::cloud
