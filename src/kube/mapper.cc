#include "sextant/kube/mapper.h"

#include <algorithm>
#include <utility>

#include "backoff.h"
#include "discovery.h"
#include "sextant/base/spawn.h"
#include "sextant/base/text.h"
#include "sextant/obs/log.h"

namespace sextant::kube {
namespace {

// As client-go asks; Kubernetes 1.28 and 1.29 have only v2beta1.
constexpr char kAccept[] =
    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,"
    "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,"
    "application/json";
constexpr char kDoing[] = "reading which resources the cluster has";

constexpr std::size_t kAtOnce = 8;  // requests for lists of versions

}  // namespace

Mapper::Mapper(Options options, Client& client, Clock& clock,
               std::function<void(const Table&)> changed)
    : options_(options),
      client_(client),
      clock_(clock),
      changed_(std::move(changed)) {}

Task<Result<Done>> Mapper::Refresh(TimePoint deadline) {
  const bool rests = last_ && clock_.Now() < last_end_ + options_.least_pause;
  if (rests && looks_.InFlight() == 0) co_return *last_;
  co_return co_await Share(deadline);
}

Task<void> Mapper::Run() {
  Backoff backoff(options_.interval);
  for (;;) {
    const std::vector<std::string> missing = missing_;
    const Result<Done> looked = co_await Share(clock_.Now() + options_.time);
    Duration pause = options_.interval;
    if (!looked) {
      obs::Warn("cannot learn which resources the cluster has",
                {{"error", looked.error().message},
                 {"detail", looked.error().detail}});
    } else if (missing_ != missing && !missing_.empty()) {
      obs::Warn("some API groups cannot be read; what was known of them stays",
                {{"groups", Join(missing_, ", ")}});
    }
    if (looked && missing_.empty()) {
      backoff.Reset();
    } else {
      pause = backoff.Next(client_.Jitter());
    }
    co_await clock_.SleepUntil(clock_.Now() + pause);
  }
}

Task<Result<Done>> Mapper::Share(TimePoint deadline) {
  auto look = looks_.Do(0, [this] { return Look(); });
  std::optional<Result<Done>> done =
      co_await Before(clock_, deadline, std::move(look));
  if (done) co_return *std::move(done);
  co_return Error{ErrorCode::kDeadlineExceeded,
                  std::string(kDoing) + ": the time for it ran out", ""};
}

Task<Result<Done>> Mapper::Look() {
  const Result<Versions> versions =
      co_await Discover(clock_.Now() + options_.time);
  Result<Done> outcome = Done{};
  if (versions) {
    outcome = Publish(*versions);
  } else {
    outcome = Error(versions.error()).Within(kDoing);
  }
  last_ = outcome;
  last_end_ = clock_.Now();
  co_return outcome;
}

Task<Result<Mapper::Versions>> Mapper::Discover(TimePoint deadline) {
  Result<Versions> core = co_await ReadRoot("/api", deadline);
  if (!core) co_return core;
  Result<Versions> groups = co_await ReadRoot("/apis", deadline);
  if (!groups) co_return groups;
  core->insert(core->end(), groups->begin(), groups->end());
  co_return core;
}

Task<Result<Mapper::Versions>> Mapper::ReadRoot(std::string path,
                                                TimePoint deadline) {
  Request request;
  request.path = path;
  request.accept = kAccept;
  const Result<Reply> reply =
      co_await client_.Send(std::move(request), deadline);
  if (!reply) co_return reply.error();
  // client-go too: a server of nothing but groups of its own has no core.
  if (reply->status == 404 && path == "/api") co_return Versions();
  if (reply->status != 200) co_return ErrorOf(*reply, path);
  Result<DiscoveryRoot> parsed = ParseDiscoveryRoot(reply->body);
  if (!parsed) co_return std::move(parsed).error().Within(path);
  // Shared, because a step of a ForEach() that was cancelled may end after it.
  const auto root = std::make_shared<DiscoveryRoot>(*std::move(parsed));
  if (!root->aggregated) {
    std::function<Task<void>(std::size_t)> read = [this, root,
                                                   deadline](std::size_t i) {
      return ReadVersion(root, i, deadline);
    };
    co_await ForEach(root->versions.size(), kAtOnce, std::move(read));
  }
  co_return std::move(root->versions);
}

Task<void> Mapper::ReadVersion(std::shared_ptr<DiscoveryRoot> root,
                               std::size_t index, TimePoint deadline) {
  GroupVersion& version = root->versions[index];
  const std::string name = version.ToString();
  Request request;
  request.path = (version.group.empty() ? "/api/" : "/apis/") + name;
  const Result<Reply> reply =
      co_await client_.Send(std::move(request), deadline);
  if (!reply) {
    version.failure = Error(reply.error()).Within(name).message;
    co_return;
  }
  if (reply->status != 200) {
    version.failure = ErrorOf(*reply, name).message;
    co_return;
  }
  Result<std::vector<model::Resource>> resources =
      ParseResourceList(version, reply->body);
  if (resources) {
    version.resources = *std::move(resources);
  } else {
    version.failure = std::move(resources).error().Within(name).message;
  }
}

Result<Done> Mapper::Publish(const Versions& versions) {
  std::map<std::string, std::vector<model::Resource>> known;
  std::vector<std::string> missing;
  std::vector<model::Resource> resources;
  for (const GroupVersion& version : versions) {
    const std::string name = version.ToString();
    std::vector<model::Resource> in_it;
    if (version.resources) {
      in_it = *version.resources;
    } else {
      missing.push_back(version.failure);
      if (const auto old = known_.find(name); old != known_.end()) {
        in_it = old->second;
      }
    }
    resources.insert(resources.end(), in_it.begin(), in_it.end());
    known[name] = std::move(in_it);
  }
  if (missing.size() == versions.size()) {
    return Error{ErrorCode::kUnavailable,
                 std::string(kDoing) + ": no group of its API can be read",
                 Join(missing, ", ")};
  }
  known_ = std::move(known);
  missing_ = std::move(missing);
  auto table = std::make_shared<const model::ResourceTable>(
      model::ResourceTable::Build(std::move(resources)));
  if (table->resources() == current_->resources()) return Done{};
  current_ = std::move(table);
  changed_(current_);
  return Done{};
}

}  // namespace sextant::kube
