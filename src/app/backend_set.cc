#include "backend_set.h"

#include <algorithm>
#include <utility>

#include "sextant/backend/several.h"
#include "sextant/base/text.h"

namespace sextant::app {
namespace {

// The flags' backend is asked as if it were alone: without limits.
config::Backend FlagsBackend(const config::BackendFlags& flags) {
  config::Backend backend;
  backend.name = config::kDefaultBackend;
  backend.flags = flags;
  backend.max_in_flight = 0;
  backend.failures = 0;
  return backend;
}

backend::GuardedBackend::Options GuardOptions(
    const config::Backend& described) {
  backend::GuardedBackend::Options options;
  options.name = described.name;
  options.timeout = described.flags.timeout;
  options.most_in_flight = described.max_in_flight;
  options.failures = described.failures;
  options.pause = described.pause;
  options.longest_pause = described.longest_pause;
  return options;
}

}  // namespace

Result<std::unique_ptr<BackendSet>> BackendSet::Build(
    const config::BackendFlags& flags, const std::vector<config::Backend>& file,
    const std::function<std::string(const char*)>& variable, Clock& clock,
    obs::Metrics& metrics) {
  auto set = std::unique_ptr<BackendSet>(new BackendSet());
  const bool replaced =
      std::any_of(file.begin(), file.end(), [](const config::Backend& backend) {
        return backend.name == config::kDefaultBackend;
      });
  if (!replaced) {
    const Result<Done> added =
        set->AddServer(FlagsBackend(flags), variable, clock, metrics);
    if (!added) return added.error();
  }
  for (const config::Backend& described : file) {
    if (!described.is_server()) continue;
    const Result<Done> added =
        set->AddServer(described, variable, clock, metrics);
    if (added) continue;
    Error error = added.error();
    error.message = config::InKeysOfBackends(std::move(error.message));
    return std::move(error).Within(described.path + " (" + described.name +
                                   ")");
  }
  set->AddComposites(file, clock, metrics);
  return set;
}

Result<Done> BackendSet::AddServer(
    const config::Backend& described,
    const std::function<std::string(const char*)>& variable, Clock& clock,
    obs::Metrics& metrics) {
  Result<std::unique_ptr<BackendClient>> client = BackendClient::Build(
      described.flags, variable, clock, metrics, described.name);
  if (!client) return std::move(client).error();
  Server server;
  server.client = *std::move(client);
  server.guard = std::make_unique<backend::GuardedBackend>(
      GuardOptions(described), server.client->backend(), clock, metrics);
  by_name_[described.name] = server.guard.get();
  servers_.push_back(std::move(server));
  return Done{};
}

void BackendSet::AddComposites(const std::vector<config::Backend>& file,
                               Clock& clock, obs::Metrics& metrics) {
  // In the file those that they are made of may stand behind them.
  for (std::size_t made = 1; made > 0;) {
    made = 0;
    for (const config::Backend& described : file) {
      if (described.is_server() || by_name_.contains(described.name)) continue;
      const auto& names =
          described.shards.empty() ? described.failover : described.shards;
      std::vector<backend::Member> members;
      for (const std::string& name : names) {
        const auto member = by_name_.find(name);
        if (member == by_name_.end()) break;
        members.push_back({name, member->second});
      }
      if (members.size() < names.size()) continue;
      std::unique_ptr<backend::Backend> composite;
      if (described.shards.empty()) {
        composite = std::make_unique<backend::FailoverBackend>(
            described.name, std::move(members), clock, metrics);
      } else {
        composite = std::make_unique<backend::ShardedBackend>(
            std::move(members), described.sharded_by);
      }
      by_name_[described.name] = composite.get();
      composites_.push_back(std::move(composite));
      ++made;
    }
  }
}

std::vector<const backend::GuardedBackend*> BackendSet::guards() const {
  std::vector<const backend::GuardedBackend*> guards;
  for (const Server& server : servers_) guards.push_back(server.guard.get());
  return guards;
}

std::string BackendSet::InWords() const {
  std::vector<std::string> urls;
  for (const Server& server : servers_) {
    urls.push_back(server.client->server());
  }
  return Join(urls, ", ");
}

std::vector<Task<void>> BackendSet::Followers(FileReports& reports) {
  std::vector<Task<void>> followers;
  for (const Server& server : servers_) {
    for (Task<void>& task : server.client->Followers(reports)) {
      followers.push_back(std::move(task));
    }
  }
  return followers;
}

void BackendSet::Reload(FileReports& reports) {
  for (const Server& server : servers_) server.client->Reload(reports);
}

void BackendSet::Forget(FileReports& reports) const {
  for (const Server& server : servers_) server.client->Forget(reports);
}

void BackendSet::CloseIdle() {
  for (const Server& server : servers_) server.client->CloseIdle();
}

std::optional<TimePoint> BackendSet::CertificateEnd() const {
  std::optional<TimePoint> first;
  for (const Server& server : servers_) {
    const auto end = server.client->credentials().CertificateEnd();
    if (end && (!first || *end < *first)) first = end;
  }
  return first;
}

std::vector<std::string> BackendSet::Notes() const {
  std::vector<std::string> notes;
  if (by_name_.size() == 1 && by_name_.contains(config::kDefaultBackend)) {
    return notes;
  }
  for (const Server& server : servers_) {
    const backend::GuardedBackend& guard = *server.guard;
    const std::string name = "backend/" + guard.name();
    if (guard.failure().empty()) {
      notes.push_back("[+]" + name + " ok");
      continue;
    }
    // One line a backend, whatever its text holds.
    std::string why = guard.failure();
    std::replace_if(
        why.begin(), why.end(),
        [](char c) { return static_cast<unsigned char>(c) < ' '; }, ' ');
    notes.push_back(
        "[-]" + name +
        (guard.circuit_closed() ? " failed: " : " asked only now and then: ") +
        why);
  }
  return notes;
}

}  // namespace sextant::app
