#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "serving_tls_impl.h"
#include "sextant/base/file.h"
#include "sextant/base/time_text.h"
#include "sextant/net/serving_tls.h"
#include "sextant/obs/log.h"

namespace sextant::net {
namespace {

constexpr std::size_t kMaxFileBytes = 1024 * 1024;

// Before a self-signed certificate's end, a new one is made this early; if that
// fails, it is tried again after a while.
constexpr Duration kRenewBefore = std::chrono::hours(30 * 24);
constexpr Duration kTryAgain = std::chrono::hours(1);

}  // namespace

Result<KeyPair> ReadKeyPairFiles(const std::string& certificate_file,
                                 const std::string& key_file) {
  Result<std::string> certificate = ReadFile(certificate_file, kMaxFileBytes);
  if (!certificate) return std::move(certificate).error();
  Result<std::string> key = ReadFile(key_file, kMaxFileBytes);
  if (!key) return std::move(key).error();
  return KeyPair{*std::move(certificate), *std::move(key)};
}

Result<bool> ReloadKeyPairFiles(const std::string& certificate_file,
                                const std::string& key_file, ServingTls& tls) {
  Result<KeyPair> pair = ReadKeyPairFiles(certificate_file, key_file);
  if (!pair) return std::move(pair).error();
  const KeyPair& current = tls.impl().pair;
  if (pair->certificate_pem == current.certificate_pem &&
      pair->key_pem == current.key_pem) {
    return false;
  }
  Result<Done> replaced = tls.Replace(*std::move(pair));
  if (!replaced) {
    return std::move(replaced).error().Within(certificate_file + ", " +
                                              key_file);
  }
  return true;
}

Task<void> RenewSelfSigned(std::vector<std::string> names, ServingTls& tls,
                           Clock& clock) {
  TimePoint next = tls.NotAfter() - kRenewBefore;
  for (;;) {
    co_await clock.SleepUntil(next);
    Result<KeyPair> pair = MakeSelfSigned(names, clock.Now());
    const Result<Done> replaced =
        pair ? tls.Replace(*std::move(pair)) : Result<Done>(pair.error());
    if (replaced) {
      next = tls.NotAfter() - kRenewBefore;
      obs::Info("the self-signed certificate was renewed",
                {{"valid_until", FormatRfc3339(tls.NotAfter())}});
    } else {
      next = clock.Now() + kTryAgain;
      obs::Warn("the self-signed certificate could not be renewed",
                {{"error", replaced.error().message}});
    }
  }
}

}  // namespace sextant::net
