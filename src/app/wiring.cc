#include "wiring.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "certificate_ends.h"
#include "cluster.h"
#include "file_reports.h"
#include "inputs.h"
#include "live_backends.h"
#include "reload.h"
#include "sextant/api/service.h"
#include "sextant/app/version.h"
#include "sextant/base/spawn.h"
#include "sextant/catalog/refresher.h"
#include "sextant/net/server.h"
#include "sextant/net/serving_tls.h"
#include "sextant/obs/log.h"
#include "sextant/obs/metrics.h"
#include "sextant/query/engine.h"
#include "sextant/query/listers.h"
#include "sextant/query/resource_engine.h"
#include "standalone.h"

namespace sextant::app {
namespace {

// How long requests in flight may take to end when the program is told to:
// below the 30 seconds after which Kubernetes kills a Pod.
constexpr std::chrono::seconds kDrainTime{25};

// How long the first look at the cluster may take.
constexpr std::chrono::seconds kLoadTime{30};

// No request that we serve has a body; what comes anyway is read and dropped.
constexpr std::size_t kMaxBodyBytes = 64 * 1024;

Duration MaxAge(const config::ServeFlags& flags) {
  return flags.metrics_max_age.count() > 0 ? flags.metrics_max_age
                                           : flags.metrics_relist_interval;
}

// Each backend has a timeout of its own, which is not longer.
Duration LongestTimeout(const config::ServeFlags& flags) {
  return std::max<Duration>(flags.backend.timeout,
                            config::kLongestBackendTimeout);
}

// What a client on this machine may call the server by.
std::vector<std::string> SelfSignedNames(const config::ServeFlags& flags) {
  std::vector<std::string> names = {"localhost", "127.0.0.1", "::1"};
  if (flags.serving.bind_address != "localhost" &&
      flags.serving.bind_address != "127.0.0.1" &&
      flags.serving.bind_address != "::1") {
    names.push_back(flags.serving.bind_address);
  }
  char host[256] = {};
  if (gethostname(host, sizeof(host) - 1) == 0 && host[0] != '\0') {
    names.emplace_back(host);
  }
  return names;
}

Result<net::KeyPair> ServingKeyPair(const config::ServeFlags& flags,
                                    const std::optional<ServingFiles>& files,
                                    TimePoint now) {
  if (files) {
    return net::ReadKeyPairFiles(files->certificate, files->key);
  }
  return net::MakeSelfSigned(SelfSignedNames(flags), now);
}

net::ServingTls::Options TlsOptions(const config::ServingFlags& flags) {
  using Version = config::ServingFlags::TlsVersion;
  net::ServingTls::Options options;
  options.only_tls13 = flags.tls_min_version == Version::k13;
  options.cipher_suites = flags.tls_cipher_suites;
  options.http2 = !flags.disable_http2;
  return options;
}

net::Server::Options ServerOptions(const config::ServingFlags& flags) {
  net::Server::Options options;
  options.bind_address = flags.bind_address;
  options.port = flags.secure_port;
  options.share_port = flags.permit_port_sharing;
  options.max_body_bytes = kMaxBodyBytes;
  if (flags.http2_max_streams > 0) {
    options.max_streams = flags.http2_max_streams;
  }
  return options;
}

// Runs `task` to its end on a loop that runs nothing else yet.
Result<Done> RunFirst(boost::asio::io_context& loop, Task<Result<Done>> task) {
  std::optional<Result<Done>> outcome;
  Spawn(loop.get_executor(),
        [](Task<Result<Done>> inner,
           std::optional<Result<Done>>& end) -> Task<void> {
          end.emplace(co_await std::move(inner));
        }(std::move(task), outcome));
  while (!outcome) loop.run_one();
  return *std::move(outcome);
}

}  // namespace

// What the program is made of before it serves, in the order of the floors.
struct Program::Foundation {
  std::unique_ptr<Clock> clock = std::make_unique<SystemClock>();
  std::unique_ptr<obs::Metrics> metrics = std::make_unique<obs::Metrics>();
  std::unique_ptr<FileReports> reports =
      std::make_unique<FileReports>(*clock, *metrics);
  std::unique_ptr<Cluster> cluster;           // null with --standalone
  std::optional<ServingFiles> serving_files;  // nothing: a pair in memory
  std::unique_ptr<net::ServingTls> tls;
  Inputs inputs;
  std::unique_ptr<LiveBackends> backends;
};

// In the order of the floors: each part may refer to those above it.
class Program::Parts {
 public:
  Parts(const config::ServeFlags& flags, boost::asio::io_context& loop,
        Foundation foundation)
      : flags_(flags),
        loop_(loop),
        base_(std::move(foundation)),
        clock_(*base_.clock),
        metrics_(*base_.metrics),
        reports_(*base_.reports),
        cluster_(base_.cluster.get()),
        backends_(base_.backends->backends()),
        catalog_({.interval = flags.metrics_relist_interval,
                  .max_age = MaxAge(flags),
                  .request_timeout = LongestTimeout(flags)},
                 base_.inputs.rules, backends_, clock_, metrics_),
        own_lister_(MakeLister()),
        lister_(cluster_ != nullptr ? cluster_->lister() : *own_lister_),
        engine_(EngineOptions(), catalog_, lister_, backends_, clock_,
                metrics_),
        resource_engine_({.query_timeout = LongestTimeout(flags)}, catalog_,
                         lister_, backends_, clock_, metrics_),
        reloader_(flags, base_.serving_files, base_.inputs.rules, Resources(),
                  *base_.tls, clock_, reports_,
                  [this](Inputs changed) { return Apply(std::move(changed)); }),
        service_(ServiceOptions(), MakeGate(), catalog_, engine_,
                 resource_engine_, clock_, metrics_),
        server_(ServerOptions(flags.serving), loop, *base_.tls, clock_,
                [this](net::Request request) {
                  return service_.Handle(std::move(request));
                }) {}

  Result<Done> Start() {
    if (Result<Done> started = server_.Start(); !started) return started;
    ShowCertificateEnds(Ends(), metrics_);
    Follow();
    obs::Info("serving",
              {{"address", server_.address()},
               {"version", kVersion},
               {"cluster", cluster_ != nullptr ? cluster_->server()
                                               : "none: standalone"}});
    return Done{};
  }

  void Reload() {
    reloader_.ReloadAll();
    base_.backends->Reload();
    if (cluster_ != nullptr) cluster_->Reload();
  }

  void BeginShutdown(std::function<void()> at_end) {
    service_.BeginShutdown();
    obs::Info(
        "not ready any more; serving on for clients that have not seen it",
        {{"for",
          std::to_string(flags_.serving.shutdown_delay.count()) + "ms"}});
    Spawn(loop_.get_executor(), Shutdown(), std::move(at_end));
  }

 private:
  CertificateEnds Ends() {
    CertificateEnds ends;
    ends.serving = [this] { return base_.tls->NotAfter(); };
    ends.backend_client = [this] { return base_.backends->CertificateEnd(); };
    if (cluster_ != nullptr) {
      ends.api_server_client = [this] { return cluster_->CertificateEnd(); };
    }
    return ends;
  }

  void Run(Task<void> task) {
    background_.push_back(Spawn(loop_.get_executor(), std::move(task)));
  }

  // Starts everything that keeps up with something.
  void Follow() {
    Run(catalog_.Run());
    for (Task<void>& task : reloader_.Followers()) Run(std::move(task));
    base_.backends->Follow(loop_.get_executor());
    if (cluster_ != nullptr) {
      cluster_->OnResources([this] { reloader_.ResourcesChanged(); });
      for (Task<void>& task : cluster_->Followers()) Run(std::move(task));
    }
    if (!base_.serving_files) {
      Run(net::RenewSelfSigned(SelfSignedNames(flags_), *base_.tls, clock_));
    }
  }

  std::unique_ptr<model::ObjectLister> MakeLister() {
    if (cluster_ != nullptr) return nullptr;
    if (base_.inputs.objects) {
      auto fixed =
          std::make_unique<query::FixedObjectLister>(*base_.inputs.objects);
      fixed_lister_ = fixed.get();
      return fixed;
    }
    return std::make_unique<query::LabelValueLister>(backends_, clock_,
                                                     MaxAge(flags_));
  }

  query::Engine::Options EngineOptions() {
    query::Engine::Options options;
    options.query_timeout = LongestTimeout(flags_);
    if (cluster_ != nullptr) {
      options.look_for_resources = [this](TimePoint deadline) {
        return cluster_->LookForResources(deadline);
      };
    }
    return options;
  }

  ClusterTable Resources() {
    if (cluster_ == nullptr) return {};
    return [this] { return cluster_->resources(); };
  }

  api::Gate MakeGate() {
    if (cluster_ == nullptr) return LoopbackGate();
    return [this](const net::Request& request, TimePoint deadline) {
      return cluster_->gatekeeper().Admit(request, deadline);
    };
  }

  std::vector<std::string> Notes() {
    std::vector<std::string> notes = reports_.Notes();
    for (std::string& note : base_.backends->Notes()) {
      notes.push_back(std::move(note));
    }
    if (cluster_ == nullptr) return notes;
    for (std::string& note : cluster_->Notes()) {
      notes.push_back(std::move(note));
    }
    return notes;
  }

  api::Service::Options ServiceOptions() {
    const rules::RuleSet& rules = *base_.inputs.rules;
    api::Service::Options options;
    options.request_deadline = flags_.serving.request_timeout;
    options.version = kVersion;
    options.served = api::ServedApis::Of(rules);
    options.notes = [this] { return Notes(); };
    options.max_requests_inflight = flags_.serving.max_requests_inflight;
    options.max_listed_metrics = flags_.max_listed_metrics;
    return options;
  }

  // Requests under way keep the rules and the backends they began with.
  Result<Done> Apply(Inputs inputs) {
    if (inputs.rules->backends != catalog_.rules()->backends) {
      Result<Done> replaced = base_.backends->Replace(inputs.backends);
      if (!replaced) return replaced;
      obs::Info("backends taken over",
                {{"file", flags_.config},
                 {"named", std::to_string(inputs.backends.size())}});
    }
    service_.SetServed(api::ServedApis::Of(*inputs.rules));
    if (fixed_lister_ != nullptr && inputs.objects) {
      fixed_lister_->Replace(*std::move(inputs.objects));
    }
    // What it has not asked yet, the next one asks.
    asking_.Cancel();
    asking_ = Spawn(loop_.get_executor(), catalog_.Replace(inputs.rules));
    return Done{};
  }

  Task<void> Shutdown() {
    co_await clock_.SleepUntil(clock_.Now() + flags_.serving.shutdown_delay);
    obs::Info("draining",
              {{"connections", std::to_string(server_.connections())}});
    co_await server_.Drain(clock_.Now() + kDrainTime);
    for (Running& task : background_) task.Cancel();
    asking_.Cancel();
    base_.backends->Stop();
    if (cluster_ != nullptr) cluster_->Stop();
    obs::Info("stopped");
  }

  const config::ServeFlags flags_;
  boost::asio::io_context& loop_;
  Foundation base_;
  Clock& clock_;
  obs::Metrics& metrics_;
  FileReports& reports_;
  Cluster* const cluster_;  // null with --standalone
  const backend::Backends backends_;
  catalog::Refresher catalog_;
  query::FixedObjectLister* fixed_lister_ = nullptr;  // own_lister_, if it is
  std::unique_ptr<model::ObjectLister> own_lister_;   // null in a cluster
  model::ObjectLister& lister_;
  query::Engine engine_;
  query::ResourceEngine resource_engine_;
  Reloader reloader_;
  api::Service service_;
  net::Server server_;
  std::vector<Running> background_;
  Running asking_;  // for the rules of the last change
};

namespace {

Result<std::unique_ptr<net::ServingTls>> MakeTls(
    const config::ServingFlags& flags, Result<net::KeyPair> pair) {
  if (!pair) return std::move(pair).error();
  Result<std::unique_ptr<net::ServingTls>> tls =
      net::ServingTls::Create(*std::move(pair), TlsOptions(flags));
  if (!tls) return tls;
  const auto named = ReadNamedPairs(flags);
  if (!named) return named.error();
  if (const Result<Done> taken = (*tls)->ReplaceNamed(*named); !taken) {
    return Error(taken.error()).Within("--tls-sni-cert-key");
  }
  return tls;
}

}  // namespace

Result<std::unique_ptr<Program>> Program::Build(const config::ServeFlags& flags,
                                                boost::asio::io_context& loop) {
  Foundation base;
  base.serving_files = FindServingFiles(flags.serving);
  Result<std::unique_ptr<net::ServingTls>> tls =
      MakeTls(flags.serving,
              ServingKeyPair(flags, base.serving_files, base.clock->Now()));
  if (!tls) return std::move(tls).error();
  base.tls = *std::move(tls);

  if (!flags.standalone) {
    Result<std::unique_ptr<Cluster>> cluster =
        Cluster::Build(flags.cluster, {EnvironmentVariable}, *base.clock,
                       *base.metrics, *base.reports);
    if (!cluster) return std::move(cluster).error();
    base.cluster = *std::move(cluster);
    const TimePoint deadline = base.clock->Now() + kLoadTime;
    if (Result<Done> loaded = RunFirst(loop, base.cluster->Load(deadline));
        !loaded) {
      return std::move(loaded).error();
    }
  }
  Result<Inputs> inputs =
      ReadInputs(flags, base.cluster ? base.cluster->resources() : Table());
  if (!inputs) return std::move(inputs).error();
  base.inputs = *std::move(inputs);
  Result<std::unique_ptr<LiveBackends>> backends = LiveBackends::Build(
      {flags.backend, EnvironmentVariable}, base.inputs.backends, *base.clock,
      *base.metrics, *base.reports);
  if (!backends) return std::move(backends).error();
  base.backends = *std::move(backends);
  return std::unique_ptr<Program>(
      new Program(std::make_unique<Parts>(flags, loop, std::move(base))));
}

Program::Program(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Program::~Program() = default;

Result<Done> Program::Start() { return parts_->Start(); }

void Program::Reload() { parts_->Reload(); }

void Program::BeginShutdown(std::function<void()> at_end) {
  parts_->BeginShutdown(std::move(at_end));
}

}  // namespace sextant::app
