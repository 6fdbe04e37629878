#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "await.h"
#include "serving_tls_impl.h"
#include "sextant/base/file.h"
#include "sextant/base/spawn.h"
#include "sextant/base/time_text.h"
#include "sextant/net/serving_tls.h"
#include "sextant/obs/log.h"

namespace sextant::net {
namespace {

namespace asio = boost::asio;

constexpr std::size_t kMaxFileBytes = 1024 * 1024;
constexpr Duration kLookAgain = std::chrono::minutes(1);
// Files that are written one after the other come to rest within this.
constexpr Duration kSettle = std::chrono::milliseconds(200);

// Tells when something in some directories changes.  A watch on a file itself
// dies with the first replacement of it (or of a link on the way to it).
class DirectoryWatch {
 public:
  DirectoryWatch(const asio::any_io_executor& executor,
                 const std::vector<std::string>& files)
      : descriptor_(executor) {
    const int inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    bool good = inotify >= 0;
    if (good) descriptor_.assign(inotify);
    for (const std::string& file : files) {
      std::string directory = std::filesystem::path(file).parent_path();
      if (directory.empty()) directory = ".";
      good = good &&
             inotify_add_watch(inotify, directory.c_str(),
                               IN_MOVED_TO | IN_CREATE | IN_CLOSE_WRITE) >= 0;
    }
    if (good) return;
    obs::Warn(
        "cannot watch for changes of the certificate; looking each minute",
        {{"reason", std::generic_category().message(errno)}});
  }

  // True when there was a change; never returns without a watch.
  Task<bool> Wait() {
    std::array<char, 4096> events{};
    while (descriptor_.is_open()) {
      const auto [failed, size] =
          co_await descriptor_.async_read_some(asio::buffer(events), kAwait);
      if (!failed && size > 0) co_return true;
      if (failed) break;
    }
    asio::steady_timer never(co_await asio::this_coro::executor,
                             asio::steady_timer::time_point::max());
    co_await never.async_wait(asio::use_awaitable);
    co_return false;
  }

  // Forgets what has happened up to now.
  void Drain() {
    if (!descriptor_.is_open()) return;
    std::array<char, 4096> events{};
    while (read(descriptor_.native_handle(), events.data(), events.size()) >
           0) {
    }
  }

 private:
  asio::posix::stream_descriptor descriptor_;
};

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
  const auto executor = co_await asio::this_coro::executor;
  std::vector<std::string> files;
  files.push_back(certificate_file);
  files.push_back(key_file);
  DirectoryWatch watch(executor, files);
  Follower follower(std::move(certificate_file), std::move(key_file), tls);
  for (;;) {
    follower.Look();
    const std::optional<bool> changed =
        co_await Before(clock, clock.Now() + kLookAgain, watch.Wait());
    if (!changed) continue;
    co_await clock.SleepUntil(clock.Now() + kSettle);
    watch.Drain();
  }
}

}  // namespace sextant::net
