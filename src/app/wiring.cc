#include "wiring.h"

#include <unistd.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "backend_client.h"
#include "file_reports.h"
#include "inputs.h"
#include "reload.h"
#include "sextant/api/service.h"
#include "sextant/app/version.h"
#include "sextant/backend/backend.h"
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

// No request that we serve has a body; what comes anyway is read and dropped.
constexpr std::size_t kMaxBodyBytes = 64 * 1024;

Duration MaxAge(const config::ServeFlags& flags) {
  return flags.metrics_max_age.count() > 0 ? flags.metrics_max_age
                                           : flags.metrics_relist_interval;
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
                                    TimePoint now) {
  if (const auto files = FindServingFiles(flags.serving)) {
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

}  // namespace

// In the order of the floors: each part may refer to those above it.
class Program::Parts {
 public:
  Parts(const config::ServeFlags& flags, boost::asio::io_context& loop,
        std::unique_ptr<Clock> clock, Inputs inputs,
        std::unique_ptr<obs::Metrics> metrics,
        std::unique_ptr<BackendClient> client,
        std::unique_ptr<net::ServingTls> tls)
      : flags_(flags),
        loop_(loop),
        owned_clock_(std::move(clock)),
        clock_(*owned_clock_),
        owned_metrics_(std::move(metrics)),
        metrics_(*owned_metrics_),
        client_(std::move(client)),
        tls_(std::move(tls)),
        backend_(client_->backend()),
        catalog_({.interval = flags.metrics_relist_interval,
                  .max_age = MaxAge(flags),
                  .request_timeout = flags.backend.timeout},
                 inputs.rules, backend_, clock_, metrics_),
        lister_(MakeLister(inputs, flags)),
        engine_({.query_timeout = flags.backend.timeout}, catalog_, *lister_,
                backend_, clock_, metrics_),
        resource_engine_({.query_timeout = flags.backend.timeout}, catalog_,
                         *lister_, backend_, clock_, metrics_),
        reloader_(flags, FindServingFiles(flags.serving), inputs.rules, *tls_,
                  clock_, reports_,
                  [this](Inputs changed) { Apply(std::move(changed)); }),
        service_(ServiceOptions(flags, *inputs.rules), LoopbackGate(), catalog_,
                 engine_, resource_engine_, clock_, metrics_),
        server_(ServerOptions(flags.serving), loop, *tls_, clock_,
                [this](net::Request request) {
                  return service_.Handle(std::move(request));
                }) {}

  Result<Done> Start() {
    if (Result<Done> started = server_.Start(); !started) return started;
    metrics_.Gauge("sextant_serving_certificate_not_after_seconds",
                   "When the certificate of the port ends.", {}, [this] {
                     return static_cast<double>(
                         tls_->NotAfter().time_since_epoch().count() / 1000);
                   });
    background_.push_back(Spawn(loop_.get_executor(), catalog_.Run()));
    for (Task<void>& follower : reloader_.Followers()) {
      background_.push_back(Spawn(loop_.get_executor(), std::move(follower)));
    }
    for (Task<void>& follower : client_->Followers(reports_)) {
      background_.push_back(Spawn(loop_.get_executor(), std::move(follower)));
    }
    if (!FindServingFiles(flags_.serving)) {
      background_.push_back(
          Spawn(loop_.get_executor(),
                net::RenewSelfSigned(SelfSignedNames(flags_), *tls_, clock_)));
    }
    obs::Info("serving", {{"address", server_.address()},
                          {"version", kVersion},
                          {"mode", "standalone"}});
    return Done{};
  }

  void Reload() {
    reloader_.ReloadAll();
    client_->Reload(reports_);
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
  std::unique_ptr<model::ObjectLister> MakeLister(
      const Inputs& inputs, const config::ServeFlags& flags) {
    if (inputs.objects) {
      auto fixed = std::make_unique<query::FixedObjectLister>(*inputs.objects);
      fixed_lister_ = fixed.get();
      return fixed;
    }
    return std::make_unique<query::LabelValueLister>(backend_, clock_,
                                                     MaxAge(flags));
  }

  api::Service::Options ServiceOptions(const config::ServeFlags& flags,
                                       const rules::RuleSet& rules) {
    api::Service::Options options;
    options.request_deadline = flags.serving.request_timeout;
    options.version = kVersion;
    options.served = api::ServedApis::Of(rules);
    options.notes = [this] { return reports_.Notes(); };
    options.max_requests_inflight = flags.serving.max_requests_inflight;
    options.max_listed_metrics = flags.max_listed_metrics;
    return options;
  }

  // Requests under way keep the rules they began with.
  void Apply(Inputs inputs) {
    service_.SetServed(api::ServedApis::Of(*inputs.rules));
    if (fixed_lister_ != nullptr && inputs.objects) {
      fixed_lister_->Replace(*std::move(inputs.objects));
    }
    // What it has not asked yet, the next one asks.
    asking_.Cancel();
    asking_ = Spawn(loop_.get_executor(), catalog_.Replace(inputs.rules));
  }

  Task<void> Shutdown() {
    co_await clock_.SleepUntil(clock_.Now() + flags_.serving.shutdown_delay);
    obs::Info("draining",
              {{"connections", std::to_string(server_.connections())}});
    co_await server_.Drain(clock_.Now() + kDrainTime);
    for (Running& task : background_) task.Cancel();
    asking_.Cancel();
    client_->CloseIdle();
    obs::Info("stopped");
  }

  const config::ServeFlags flags_;
  boost::asio::io_context& loop_;
  std::unique_ptr<Clock> owned_clock_;
  Clock& clock_;
  std::unique_ptr<obs::Metrics> owned_metrics_;
  obs::Metrics& metrics_;
  FileReports reports_{clock_, metrics_};
  std::unique_ptr<BackendClient> client_;
  std::unique_ptr<net::ServingTls> tls_;
  backend::Backend& backend_;
  catalog::Refresher catalog_;
  query::FixedObjectLister* fixed_lister_ = nullptr;  // lister_, if it is one
  std::unique_ptr<model::ObjectLister> lister_;
  query::Engine engine_;
  query::ResourceEngine resource_engine_;
  Reloader reloader_;
  api::Service service_;
  net::Server server_;
  std::vector<Running> background_;
  Running asking_;  // for the rules of the last change
};

Result<std::unique_ptr<Program>> Program::Build(const config::ServeFlags& flags,
                                                boost::asio::io_context& loop) {
  Result<Inputs> inputs = ReadInputs(flags);
  if (!inputs) return std::move(inputs).error();

  auto clock = std::make_unique<SystemClock>();
  Result<net::KeyPair> pair = ServingKeyPair(flags, clock->Now());
  if (!pair) return std::move(pair).error();
  Result<std::unique_ptr<net::ServingTls>> tls =
      net::ServingTls::Create(*std::move(pair), TlsOptions(flags.serving));
  if (!tls) return std::move(tls).error();
  const auto named = ReadNamedPairs(flags.serving);
  if (!named) return named.error();
  if (const Result<Done> taken = (*tls)->ReplaceNamed(*named); !taken) {
    return Error(taken.error()).Within("--tls-sni-cert-key");
  }

  auto metrics = std::make_unique<obs::Metrics>();
  Result<std::unique_ptr<BackendClient>> client = BackendClient::Build(
      flags.backend, EnvironmentVariable, *clock, *metrics);
  if (!client) return std::move(client).error();

  auto parts = std::make_unique<Parts>(flags, loop, std::move(clock),
                                       *std::move(inputs), std::move(metrics),
                                       *std::move(client), *std::move(tls));
  return std::unique_ptr<Program>(new Program(std::move(parts)));
}

Program::Program(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Program::~Program() = default;

Result<Done> Program::Start() { return parts_->Start(); }

void Program::Reload() { parts_->Reload(); }

void Program::BeginShutdown(std::function<void()> at_end) {
  parts_->BeginShutdown(std::move(at_end));
}

}  // namespace sextant::app
