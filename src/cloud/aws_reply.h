// What Amazon's servers of credentials answer.  Pure.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sextant/base/clock.h"
#include "sextant/cloud/sigv4.h"

namespace sextant::cloud {

struct AwsLease {
  AwsKeys keys;
  TimePoint end;
};

// STS' AssumeRoleWithWebIdentityResponse, XML.  Nothing if it is not that.
std::optional<AwsLease> ReadStsReply(std::string_view xml);

// The agent's {"AccessKeyId", "SecretAccessKey", "Token", "Expiration"}.
std::optional<AwsLease> ReadAgentReply(std::string_view json);

// The code of an error, "AccessDenied", in XML or JSON; empty if there is none
// that reads like one.  Other texts may repeat what they were sent.
std::string ErrorCodeIn(std::string_view reply);

}  // namespace sextant::cloud
