// Files of credentials and answers of token servers: whatever is in them, they
// are read or refused with a reason, and what was read can be used.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "cloud/aws_reply.h"
#include "cloud/google_file.h"
#include "cloud/safe_url.h"
#include "cloud/token_reply.h"

namespace {

using sextant::Result;

void CheckFile(std::string_view text) {
  const auto file = sextant::cloud::ReadGoogleFile("f", text);
  if (!file) {
    if (file.error().message.empty()) std::abort();
    return;
  }
  if (!file->impersonation) return;
  if (file->impersonation->url.host.empty()) std::abort();
  const int lifetime = file->impersonation->lifetime_seconds;
  if (lifetime < 600 || lifetime > 43200) std::abort();
}

void CheckLease(const Result<sextant::cloud::TokenLease>& lease,
                sextant::TimePoint now) {
  if (!lease) {
    if (!lease.error().message.starts_with("answers ")) std::abort();
    return;
  }
  // It becomes a header.
  if (!sextant::cloud::IsVisibleAscii(lease->token)) std::abort();
  if (lease->end <= now) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const sextant::TimePoint now(std::chrono::seconds(1767323045));
  CheckFile(text);
  CheckLease(sextant::cloud::ReadTokenReply(text, now), now);
  CheckLease(sextant::cloud::ReadImpersonationReply(text, now), now);
  const std::string code = sextant::cloud::OAuthErrorIn(text);
  if (!code.empty() && !sextant::cloud::IsVisibleAscii(code)) std::abort();
  static_cast<void>(sextant::cloud::ReadStsReply(text));
  static_cast<void>(sextant::cloud::ReadAgentReply(text));
  static_cast<void>(sextant::cloud::ErrorCodeIn(text));
  return 0;
}
