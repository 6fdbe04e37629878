#include "retry.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <string>

#include "sextant/base/text.h"

namespace sextant::kube {
namespace {

// As client-go asks for reviews: wait.Backoff{500ms, 1.5, 0.2, 5 steps}
// (apiserver, pkg/server/options/authentication.go), 4.5 seconds in all.
constexpr int kAttempts = 5;
constexpr Duration kFirstPause = std::chrono::milliseconds(500);
constexpr double kGrowth = 1.5;
constexpr double kSpread = 0.2;
// No server is out of order for so long that we should sleep for longer.
constexpr int kMostSeconds = 3600;

// The Retry-After of an error, in seconds; a date, which no API server sends,
// counts as none.
std::optional<Duration> RetryAfter(const net::ClientResponse& response) {
  const std::string* const value = response.headers.Find("Retry-After");
  if (value == nullptr) return std::nullopt;
  const std::string_view text = Trim(*value);
  int seconds = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || end != text.data() + text.size() || seconds < 0) {
    return std::nullopt;
  }
  return std::chrono::seconds(std::min(seconds, kMostSeconds));
}

bool MayPass(int status) {
  return status == 429 || status == 500 || status == 504;
}

Duration Spread(Duration pause, double jitter) {
  const double spread =
      static_cast<double>(pause.count()) * (1 + kSpread * jitter);
  return Duration(std::llround(spread));
}

}  // namespace

std::optional<Duration> WaitBeforeRetry(
    const Result<net::ClientResponse>& outcome, int attempt, double jitter) {
  if (attempt >= kAttempts) return std::nullopt;
  const auto usual = [&] {
    const double pause = static_cast<double>(kFirstPause.count()) *
                         std::pow(kGrowth, attempt - 1);
    return Spread(Duration(std::llround(pause)), jitter);
  };
  if (!outcome) {
    if (outcome.error().code != ErrorCode::kUnavailable) return std::nullopt;
    return usual();
  }
  if (outcome->status < 400) return std::nullopt;
  if (const std::optional<Duration> wish = RetryAfter(*outcome)) {
    return Spread(*wish, jitter);
  }
  if (!MayPass(outcome->status)) return std::nullopt;
  return usual();
}

}  // namespace sextant::kube
