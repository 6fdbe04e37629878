#include "cluster.h"

#include <utility>

#include "sextant/base/file.h"
#include "sextant/net/file_watch.h"
#include "sextant/obs/log.h"

namespace sextant::app {
namespace {

constexpr char kCaFiles[] = "client_ca";
constexpr std::size_t kMostBytes = std::size_t{1} << 20U;

auth::Gatekeeper::Options GateOptions(const config::ClusterFlags& flags) {
  auth::Gatekeeper::Options options;
  options.tokens_kept = flags.token_cache_ttl;
  options.allowed_kept = flags.authorized_ttl;
  options.refused_kept = flags.unauthorized_ttl;
  options.open_paths = flags.authorization_always_allow_paths;
  return options;
}

kube::ObjectWatcher::Options WatcherOptions(kube::Client& client) {
  kube::ObjectWatcher::Options options;
  options.jitter = [&client] { return client.Jitter(); };
  return options;
}

}  // namespace

Result<std::unique_ptr<Cluster>> Cluster::Build(
    const config::ClusterFlags& flags,
    const ClusterAccess::Surroundings& surroundings, Clock& clock,
    obs::Metrics& metrics, FileReports& reports) {
  Result<std::unique_ptr<ClusterAccess>> access =
      ClusterAccess::Build(flags, surroundings, clock);
  if (!access) return std::move(access).error();
  std::unique_ptr<Cluster> cluster(
      new Cluster(flags, *std::move(access), clock, metrics, reports));
  if (Result<Done> read = cluster->ReadCaFiles(); !read) {
    return std::move(read).error();
  }
  return cluster;
}

Cluster::Cluster(const config::ClusterFlags& flags,
                 std::unique_ptr<ClusterAccess> access, Clock& clock,
                 obs::Metrics& metrics, FileReports& reports)
    : flags_(flags),
      lookup_failures_(metrics.Counter(
          "sextant_authentication_lookup_errors_total",
          "Looks at whose certificates count in the cluster that failed.")),
      reports_(reports),
      clock_(clock),
      access_(std::move(access)),
      mapper_({}, access_->objects(), clock,
              [this](const kube::Mapper::Table&) {
                if (changed_) changed_();
              }),
      watcher_(WatcherOptions(access_->watches()), access_->watches(), clock,
               metrics),
      callers_(
          access_->authentication(), clock,
          [this](const kube::AuthenticationConfig& config) {
            return trust_.SetFromCluster(config);
          },
          [this](const Result<Done>& outcome) { NoteLookup(outcome); }),
      tokens_(access_->authentication(), clock),
      rights_(access_->authorization(), clock),
      gatekeeper_(GateOptions(flags), trust_, tokens_, rights_, clock,
                  metrics) {
  if (!CaFiles().empty()) reports_.Add(kCaFiles);
}

Task<Result<Done>> Cluster::Load(TimePoint deadline) {
  const Result<Done> mapped = co_await mapper_.Refresh(deadline);
  if (!mapped) {
    co_return Error(mapped.error())
        .Within("asking " + server() + " which resources it has");
  }
  if (flags_.authentication_skip_lookup) co_return Done{};
  const Result<Done> looked = co_await callers_.Load(deadline);
  if (looked) co_return Done{};
  if (!flags_.authentication_tolerate_lookup_failure) {
    Error error =
        Error(looked.error()).Within("looking up whose certificates count");
    error.message +=
        "; --authentication-tolerate-lookup-failure starts without, "
        "--authentication-skip-lookup does not look";
    co_return error;
  }
  NoteLookup(looked);
  co_return Done{};
}

Task<void> Cluster::LookForResources(TimePoint deadline) {
  // A failure is logged by the mapper, and changes nothing here.
  static_cast<void>(co_await mapper_.Refresh(deadline));
}

std::vector<Task<void>> Cluster::Followers() {
  std::vector<Task<void>> followers = access_->Followers(reports_);
  followers.push_back(mapper_.Run());
  if (!flags_.authentication_skip_lookup) followers.push_back(callers_.Run());
  if (!CaFiles().empty()) {
    followers.push_back(
        net::FollowFiles(CaFiles(), clock_, [this] { LookAtCaFiles(false); }));
  }
  return followers;
}

void Cluster::Reload() {
  access_->Reload(reports_);
  if (!CaFiles().empty()) LookAtCaFiles(true);
}

std::vector<std::string> Cluster::Notes() const {
  std::vector<std::string> notes;
  for (const std::string& missing : mapper_.missing()) {
    notes.push_back("[-]resources not known: " + missing);
  }
  if (!lookup_problem_.empty()) {
    notes.push_back("[-]whose certificates count is as last seen: " +
                    lookup_problem_);
  }
  return notes;
}

void Cluster::Stop() {
  watcher_.Stop();
  access_->CloseIdle();
}

std::vector<std::string> Cluster::CaFiles() const {
  std::vector<std::string> files;
  for (const std::string& file :
       {flags_.client_ca_file, flags_.requestheader_client_ca_file}) {
    if (!file.empty()) files.push_back(file);
  }
  return files;
}

Result<Done> Cluster::ReadCaFiles() {
  if (CaFiles().empty()) return Done{};
  kube::AuthenticationConfig config;
  config.allowed_names = flags_.requestheader_allowed_names;
  config.username_headers = flags_.requestheader_username_headers;
  config.group_headers = flags_.requestheader_group_headers;
  config.extra_prefixes = flags_.requestheader_extra_headers_prefix;
  const struct {
    const char* flag;
    const std::string& file;
    std::string& pem;
  } files[] = {
      {"--client-ca-file", flags_.client_ca_file, config.client_ca_pem},
      {"--requestheader-client-ca-file", flags_.requestheader_client_ca_file,
       config.requestheader_ca_pem},
  };
  for (const auto& each : files) {
    if (each.file.empty()) continue;
    Result<std::string> text = ReadFile(each.file, kMostBytes);
    if (!text) return std::move(text).error().Within(each.flag);
    each.pem = *std::move(text);
    if (each.pem.empty()) {
      return Error{ErrorCode::kInvalidArgument,
                   std::string(each.flag) + ": " + each.file + " is empty",
                   {}};
    }
  }
  Result<Done> taken = trust_.SetFromFlags(config);
  if (!taken) return taken;
  ca_files_ = config.client_ca_pem + '\0' + config.requestheader_ca_pem;
  return taken;
}

void Cluster::LookAtCaFiles(bool even_if_the_same) {
  const std::string before = ca_files_;
  const Result<Done> read = ReadCaFiles();
  if (!read) {
    reports_.Failed(kCaFiles, read.error(), even_if_the_same);
    return;
  }
  const bool news = ca_files_ != before || even_if_the_same;
  if (!reports_.Succeeded(kCaFiles, news)) return;
  obs::Info("certificate authorities of callers taken over");
}

void Cluster::NoteLookup(const Result<Done>& outcome) {
  if (outcome) {
    if (!lookup_problem_.empty()) {
      obs::Info("whose certificates count can be looked up again");
    }
    lookup_problem_.clear();
    return;
  }
  ++lookup_failures_;
  if (lookup_problem_ == outcome.error().message) return;
  lookup_problem_ = outcome.error().message;
  obs::Warn("cannot look up whose certificates count",
            {{"error", lookup_problem_}, {"detail", outcome.error().detail}});
}

}  // namespace sextant::app
