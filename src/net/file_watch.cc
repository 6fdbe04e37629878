#include "sextant/net/file_watch.h"

#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/this_coro.hpp>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "await.h"
#include "sextant/base/event.h"
#include "sextant/base/spawn.h"
#include "sextant/obs/log.h"

namespace sextant::net {
namespace {

namespace asio = boost::asio;

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
    obs::Warn("cannot watch files for changes; looking each minute",
              {{"file", files.front()},
               {"reason", std::generic_category().message(errno)}});
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
    Event never(co_await asio::this_coro::executor);
    co_await never.Wait();
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

}  // namespace

Task<void> FollowFiles(std::vector<std::string> files, Clock& clock,
                       std::function<void()> look) {
  const auto executor = co_await asio::this_coro::executor;
  DirectoryWatch watch(executor, files);
  for (;;) {
    look();
    const std::optional<bool> changed =
        co_await Before(clock, clock.Now() + kLookAgain, watch.Wait());
    if (!changed) continue;
    co_await clock.SleepUntil(clock.Now() + kSettle);
    watch.Drain();
  }
}

}  // namespace sextant::net
