#include "followed_credentials.h"

#include <utility>

#include "sextant/net/file_watch.h"
#include "sextant/obs/log.h"

namespace sextant::app {

FollowedCredentials::FollowedCredentials(Options options, Credentials first,
                                         Clock& clock)
    : options_(std::move(options)), current_(std::move(first)), clock_(clock) {}

Result<net::PooledHttpClient*> FollowedCredentials::AddClient(
    net::PooledHttpClient::Options options) {
  options.tls = current_.tls;
  Result<std::unique_ptr<net::PooledHttpClient>> client =
      net::PooledHttpClient::Create(std::move(options), clock_);
  if (!client) {
    return std::move(client).error().Within("the credentials of " +
                                            options_.whose);
  }
  clients_.push_back(*std::move(client));
  return clients_.back().get();
}

std::vector<Task<void>> FollowedCredentials::Followers(FileReports& reports) {
  std::vector<Task<void>> followers;
  if (current_.files.empty()) return followers;
  reports.Add(options_.kind);
  followers.push_back(net::FollowFiles(
      current_.files, clock_, [this, &reports] { Look(reports, false); }));
  return followers;
}

void FollowedCredentials::Reload(FileReports& reports) {
  if (!current_.files.empty()) Look(reports, true);
}

void FollowedCredentials::Forget(FileReports& reports) const {
  reports.Remove(options_.kind);
}

void FollowedCredentials::CloseIdle() {
  for (const auto& client : clients_) client->CloseIdle();
}

void FollowedCredentials::Look(FileReports& reports, bool even_if_the_same) {
  Result<Credentials> fresh = options_.read();
  Result<Done> taken = Done{};
  bool news = false;
  if (!fresh) {
    taken = std::move(fresh).error();
  } else if (!fresh->SameAs(current_)) {
    taken = TakeOver(*std::move(fresh));
    news = true;
  }
  if (!taken) {
    reports.Failed(options_.kind, taken.error(), even_if_the_same);
    return;
  }
  if (!reports.Succeeded(options_.kind, news || even_if_the_same)) return;
  obs::Info("credentials of " + options_.whose + " taken over",
            {{"credentials", options_.describe(current_)}});
}

Result<Done> FollowedCredentials::TakeOver(Credentials fresh) {
  if (current_.token && !fresh.token) {
    return Error{ErrorCode::kInvalidArgument,
                 "there is no token in it any more", ""};
  }
  // All have the same TLS: the first refuses it, or none.
  for (const auto& client : clients_) {
    if (Result<Done> replaced = client->ReplaceTls(fresh.tls); !replaced) {
      return replaced;
    }
  }
  if (fresh.token != current_.token && on_token_) on_token_(*fresh.token);
  current_ = std::move(fresh);
  return Done{};
}

}  // namespace sextant::app
