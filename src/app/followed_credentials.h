#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "credentials.h"
#include "file_reports.h"
#include "sextant/base/clock.h"
#include "sextant/base/result.h"
#include "sextant/base/task.h"
#include "sextant/net/pooled_client.h"

namespace sextant::app {

// Credentials whose files may change, and the HTTP clients that show them.
// Loop only.
class FollowedCredentials {
 public:
  struct Options {
    std::string kind;   // for FileReports: "backend_credentials"
    std::string whose;  // for people: "the backend"
    // Reads them again.
    std::function<Result<Credentials>()> read;
    // In words, for the log.
    std::function<std::string(const Credentials&)> describe;
  };

  // `first` is what `read` gave at the start.  `clock` must outlive this.
  FollowedCredentials(Options options, Credentials first, Clock& clock);

  // A client with `options` and with TLS as the credentials have it, now and
  // later.  It lives as long as this.  The error says which PEM is wrong.
  Result<net::PooledHttpClient*> AddClient(
      net::PooledHttpClient::Options options);

  const Credentials& current() const { return current_; }

  // Called with a token when it is another one.
  void OnToken(std::function<void(const std::string&)> take) {
    on_token_ = std::move(take);
  }

  // Follows the files, if there are any, and takes over what is good: another
  // CA or certificate counts for new connections.  A token that is gone leaves
  // the last one.  Each Task runs until cancelled; `reports` must outlive it.
  std::vector<Task<void>> Followers(FileReports& reports);
  // Looks at once.
  void Reload(FileReports& reports);
  // Takes back what Followers() added to them.
  void Forget(FileReports& reports) const;

  // A loop that is to end has nothing left to wait for.
  void CloseIdle();

 private:
  void Look(FileReports& reports, bool even_if_the_same);
  Result<Done> TakeOver(Credentials fresh);

  const Options options_;
  Credentials current_;
  Clock& clock_;
  std::function<void(const std::string&)> on_token_;
  std::vector<std::unique_ptr<net::PooledHttpClient>> clients_;
};

}  // namespace sextant::app
