#include "cluster_access.h"

#include <algorithm>
#include <optional>
#include <random>
#include <utility>

#include "followed_credentials.h"
#include "sextant/app/version.h"
#include "sextant/net/pooled_client.h"
#include "sextant/net/proxy.h"
#include "sextant/net/url.h"

namespace sextant::app {
namespace {

// One for each resource and namespace that is watched; they are given up when
// nobody asks for them, so that this is no limit in practice.
constexpr std::size_t kMostWatches = 4096;

// How to reach a server, and as whom.
struct Reach {
  std::string server;  // URL
  Credentials credentials;
};

// One of the three flags.
struct Wish {
  std::string flag;        // "--lister-kubeconfig"
  std::string kubeconfig;  // empty: the Pod's service account
  std::string kind;        // for FileReports
  std::string whose;       // for people
};

Result<Reach> ReadKubeconfig(const Wish& wish) {
  CredentialsReader reader;
  const std::optional<config::KubeconfigContext> context =
      reader.TakeKubeconfig(wish.kubeconfig, wish.flag);
  Result<Credentials> credentials = std::move(reader).Finish();
  if (!credentials) return std::move(credentials).error();
  return Reach{context->server, *std::move(credentials)};
}

Result<Reach> ReadServiceAccount(
    const Wish& wish, const ClusterAccess::Surroundings& surroundings) {
  const std::string host = surroundings.variable("KUBERNETES_SERVICE_HOST");
  const std::string port = surroundings.variable("KUBERNETES_SERVICE_PORT");
  if (host.empty() || port.empty()) {
    return Error{ErrorCode::kInvalidArgument,
                 wish.flag +
                     " is not given, and this is no Pod of a cluster "
                     "(KUBERNETES_SERVICE_HOST or KUBERNETES_SERVICE_PORT is "
                     "not set); write " +
                     wish.flag +
                     "=KUBECONFIG, or --standalone to serve without a cluster",
                 ""};
  }
  const std::string what =
      "the service account (for want of " + wish.flag + ")";
  CredentialsReader reader;
  reader.TakeToken(surroundings.service_account_folder + "/token", what);
  reader.TakeCa(surroundings.service_account_folder + "/ca.crt", what);
  Result<Credentials> credentials = std::move(reader).Finish();
  if (!credentials) return std::move(credentials).error();
  const bool is_ipv6 = host.find(':') != std::string::npos;
  return Reach{"https://" + (is_ipv6 ? "[" + host + "]" : host) + ":" + port,
               *std::move(credentials)};
}

Result<Reach> ReadReach(const Wish& wish,
                        const ClusterAccess::Surroundings& surroundings) {
  return wish.kubeconfig.empty() ? ReadServiceAccount(wish, surroundings)
                                 : ReadKubeconfig(wish);
}

std::function<double()> RandomJitter() {
  return [engine = std::mt19937_64(std::random_device()())]() mutable {
    return std::uniform_real_distribution<double>(0, 1)(engine);
  };
}

}  // namespace

// One API server, with the two clients for it.
class ClusterAccess::Server {
 public:
  static Result<std::unique_ptr<Server>> Build(const Wish& wish,
                                               const Surroundings& surroundings,
                                               Clock& clock) {
    Result<Reach> reach = ReadReach(wish, surroundings);
    if (!reach) return std::move(reach).error();
    Result<net::Url> url = net::Url::Parse(reach->server);
    if (!url) return std::move(url).error().Within(wish.flag + ": server");
    const net::ProxySettings proxies = reach->credentials.Proxies(
        net::ProxySettings::From(surroundings.variable));
    // A proxy that cannot be used is told now and not with the first request.
    const Result<std::optional<net::Url>> proxy = net::ProxyFor(*url, proxies);
    if (!proxy) {
      const bool is_own = !reach->credentials.proxy_url.empty();
      return Error(proxy.error())
          .Within(wish.flag + (is_own ? ": proxy-url" : ""));
    }

    url->user_info = reach->credentials.user_info;
    auto built = std::unique_ptr<Server>(
        new Server(wish, surroundings, *std::move(reach), clock));
    const Result<Done> clients = built->MakeClients(*url, proxies, clock);
    if (!clients) return Error(clients.error()).Within(wish.flag);
    return built;
  }

  bool IsFor(const Wish& wish) const { return kubeconfig_ == wish.kubeconfig; }

  kube::Client& requests() { return *requests_; }
  kube::Client& watches() { return *watches_; }
  const std::string& url() const { return url_; }
  FollowedCredentials& credentials() { return credentials_; }
  const FollowedCredentials& credentials() const { return credentials_; }

 private:
  Server(const Wish& wish, const Surroundings& surroundings, Reach reach,
         Clock& clock)
      : kubeconfig_(wish.kubeconfig),
        credentials_({.kind = wish.kind,
                      .whose = wish.whose,
                      .read =
                          [wish, surroundings, server = reach.server] {
                            return ReadAgain(wish, surroundings, server);
                          },
                      .describe =
                          [](const Credentials& current) {
                            return current.InWords(current.Who());
                          }},
                     std::move(reach.credentials), clock) {}

  static Result<Credentials> ReadAgain(const Wish& wish,
                                       const Surroundings& surroundings,
                                       const std::string& server) {
    Result<Reach> reach = ReadReach(wish, surroundings);
    if (!reach) return std::move(reach).error();
    if (reach->server != server) {
      return Error{
          ErrorCode::kInvalidArgument,
          wish.flag + ": it names another server; that takes a restart", ""};
    }
    return std::move(reach->credentials);
  }

  Result<Done> MakeClients(const net::Url& url,
                           const net::ProxySettings& proxies, Clock& clock) {
    url_ = url.ToString();
    net::PooledHttpClient::Options for_requests;
    for_requests.proxies = proxies;
    net::PooledHttpClient::Options for_watches = for_requests;
    for_watches.max_connections = kMostWatches;
    const Result<net::PooledHttpClient*> requests =
        credentials_.AddClient(std::move(for_requests));
    if (!requests) return requests.error();
    const Result<net::PooledHttpClient*> watches =
        credentials_.AddClient(std::move(for_watches));
    if (!watches) return watches.error();

    kube::Client::Options options;
    options.server = url;
    options.user_agent = std::string("sextant/") + kVersion;
    options.jitter = RandomJitter();
    const auto token = [this] {
      return credentials_.current().token.value_or("");
    };
    requests_ =
        std::make_unique<kube::Client>(options, **requests, token, clock);
    watches_ = std::make_unique<kube::Client>(options, **watches, token, clock);
    return Done{};
  }

  const std::string kubeconfig_;
  std::string url_;
  FollowedCredentials credentials_;
  std::unique_ptr<kube::Client> requests_;
  std::unique_ptr<kube::Client> watches_;
};

Result<std::unique_ptr<ClusterAccess>> ClusterAccess::Build(
    const config::ClusterFlags& flags, const Surroundings& surroundings,
    Clock& clock) {
  auto access = std::unique_ptr<ClusterAccess>(new ClusterAccess());
  const std::pair<Wish, Server*&> wishes[] = {
      {{"--lister-kubeconfig", flags.lister_kubeconfig, "cluster_credentials",
        "the cluster"},
       access->objects_},
      {{"--authentication-kubeconfig", flags.authentication_kubeconfig,
        "authentication_credentials", "the cluster that knows tokens"},
       access->authentication_},
      {{"--authorization-kubeconfig", flags.authorization_kubeconfig,
        "authorization_credentials", "the cluster that knows rights"},
       access->authorization_},
  };
  for (const auto& [wish, server] : wishes) {
    for (const auto& known : access->servers_) {
      if (known->IsFor(wish)) server = known.get();
    }
    if (server != nullptr) continue;
    Result<std::unique_ptr<Server>> built =
        Server::Build(wish, surroundings, clock);
    if (!built) return std::move(built).error();
    server = built->get();
    access->servers_.push_back(*std::move(built));
  }
  return access;
}

ClusterAccess::ClusterAccess() = default;
ClusterAccess::~ClusterAccess() = default;

kube::Client& ClusterAccess::objects() { return objects_->requests(); }
kube::Client& ClusterAccess::watches() { return objects_->watches(); }
kube::Client& ClusterAccess::authentication() {
  return authentication_->requests();
}
kube::Client& ClusterAccess::authorization() {
  return authorization_->requests();
}

const std::string& ClusterAccess::server() const { return objects_->url(); }

std::string ClusterAccess::credentials() const {
  const Credentials& current = objects_->credentials().current();
  return current.InWords(current.Who());
}

std::optional<TimePoint> ClusterAccess::CertificateEnd() const {
  std::optional<TimePoint> first;
  for (const auto& server : servers_) {
    const auto end = server->credentials().current().CertificateEnd();
    if (end) first = first ? std::min(*first, *end) : *end;
  }
  return first;
}

std::vector<Task<void>> ClusterAccess::Followers(FileReports& reports) {
  std::vector<Task<void>> followers;
  for (const auto& server : servers_) {
    for (Task<void>& follower : server->credentials().Followers(reports)) {
      followers.push_back(std::move(follower));
    }
  }
  return followers;
}

void ClusterAccess::Reload(FileReports& reports) {
  for (const auto& server : servers_) server->credentials().Reload(reports);
}

void ClusterAccess::CloseIdle() {
  for (const auto& server : servers_) server->credentials().CloseIdle();
}

}  // namespace sextant::app
