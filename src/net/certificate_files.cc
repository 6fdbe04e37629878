#include <string>
#include <utility>
#include <vector>

#include "serving_tls_impl.h"
#include "sextant/base/file.h"
#include "sextant/base/time_text.h"
#include "sextant/net/file_watch.h"
#include "sextant/net/serving_tls.h"
#include "sextant/obs/log.h"

namespace sextant::net {
namespace {

constexpr std::size_t kMaxFileBytes = 1024 * 1024;
// The last thing said about the files, so that it is said once.
class Follower {
 public:
  Follower(std::string certificate_file, std::string key_file, ServingTls& tls)
      : certificate_file_(std::move(certificate_file)),
        key_file_(std::move(key_file)),
        tls_(tls) {}

  // Both files are small and local, so the loop does not wait for long.
  void Look() {
    Result<KeyPair> pair = ReadKeyPairFiles(certificate_file_, key_file_);
    if (!pair) {
      Complain(pair.error());
      return;
    }
    const KeyPair& current = tls_.impl().pair;
    if (pair->certificate_pem == current.certificate_pem &&
        pair->key_pem == current.key_pem) {
      complaint_.clear();
      return;
    }
    const Result<Done> replaced = tls_.Replace(*std::move(pair));
    if (!replaced) {
      Complain(replaced.error());
      return;
    }
    complaint_.clear();
    obs::Info("serving certificate replaced",
              {{"file", certificate_file_},
               {"valid_until", FormatRfc3339(tls_.NotAfter())}});
  }

 private:
  void Complain(const Error& error) {
    if (error.message == complaint_) return;
    complaint_ = error.message;
    obs::Warn("serving certificate kept, the new one cannot be used",
              {{"certificate_file", certificate_file_},
               {"key_file", key_file_},
               {"error", error.message}});
  }

  const std::string certificate_file_;
  const std::string key_file_;
  ServingTls& tls_;
  std::string complaint_;
};

}  // namespace

Result<KeyPair> ReadKeyPairFiles(const std::string& certificate_file,
                                 const std::string& key_file) {
  Result<std::string> certificate = ReadFile(certificate_file, kMaxFileBytes);
  if (!certificate) return std::move(certificate).error();
  Result<std::string> key = ReadFile(key_file, kMaxFileBytes);
  if (!key) return std::move(key).error();
  return KeyPair{*std::move(certificate), *std::move(key)};
}

Task<void> FollowKeyPairFiles(std::string certificate_file,
                              std::string key_file, ServingTls& tls,
                              Clock& clock) {
  std::vector<std::string> files;
  files.push_back(certificate_file);
  files.push_back(key_file);
  Follower follower(std::move(certificate_file), std::move(key_file), tls);
  co_await FollowFiles(std::move(files), clock,
                       [&follower] { follower.Look(); });
}

}  // namespace sextant::net
