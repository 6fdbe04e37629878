#include "wiring.h"

#include <unistd.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "inputs.h"
#include "sextant/api/service.h"
#include "sextant/app/version.h"
#include "sextant/backend/prometheus.h"
#include "sextant/base/spawn.h"
#include "sextant/catalog/refresher.h"
#include "sextant/net/pooled_client.h"
#include "sextant/net/server.h"
#include "sextant/net/serving_tls.h"
#include "sextant/obs/log.h"
#include "sextant/obs/metrics.h"
#include "sextant/query/engine.h"
#include "sextant/query/listers.h"
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
  if (!flags.serving.tls_cert_file.empty()) {
    return net::ReadKeyPairFiles(flags.serving.tls_cert_file,
                                 flags.serving.tls_private_key_file);
  }
  return net::MakeSelfSigned(SelfSignedNames(flags), now);
}

}  // namespace

// In the order of the floors: each part may refer to those above it.
class Program::Parts {
 public:
  Parts(const config::ServeFlags& flags, boost::asio::io_context& loop,
        std::unique_ptr<Clock> clock, Inputs inputs,
        std::unique_ptr<net::PooledHttpClient> client,
        std::unique_ptr<net::ServingTls> tls)
      : flags_(flags),
        loop_(loop),
        owned_clock_(std::move(clock)),
        clock_(*owned_clock_),
        client_(std::move(client)),
        tls_(std::move(tls)),
        backend_({.url = inputs.prometheus_url}, *client_, clock_, metrics_),
        catalog_({.interval = flags.metrics_relist_interval,
                  .max_age = MaxAge(flags)},
                 inputs.rules, backend_, clock_, metrics_),
        lister_(MakeLister(inputs, flags)),
        engine_({}, catalog_, *lister_, backend_, clock_, metrics_),
        service_({.version = kVersion,
                  .serve_custom = !inputs.rules->custom.empty(),
                  .serve_external = !inputs.rules->external.empty()},
                 LoopbackGate(), catalog_, engine_, clock_, metrics_),
        server_({.bind_address = flags.serving.bind_address,
                 .port = flags.serving.secure_port,
                 .max_body_bytes = kMaxBodyBytes},
                loop, *tls_, clock_, [this](net::Request request) {
                  return service_.Handle(std::move(request));
                }) {}

  Result<Done> Start() {
    if (Result<Done> started = server_.Start(); !started) return started;
    background_.push_back(Spawn(loop_.get_executor(), catalog_.Run()));
    if (!flags_.serving.tls_cert_file.empty()) {
      background_.push_back(
          Spawn(loop_.get_executor(),
                net::FollowKeyPairFiles(flags_.serving.tls_cert_file,
                                        flags_.serving.tls_private_key_file,
                                        *tls_, clock_)));
    }
    obs::Info("serving", {{"address", server_.address()},
                          {"version", kVersion},
                          {"mode", "standalone"}});
    return Done{};
  }

  void BeginShutdown(std::function<void()> at_end) {
    service_.BeginShutdown();
    Spawn(loop_.get_executor(), Shutdown(), std::move(at_end));
  }

 private:
  std::unique_ptr<model::ObjectLister> MakeLister(
      const Inputs& inputs, const config::ServeFlags& flags) {
    if (inputs.objects) {
      return std::make_unique<query::FixedObjectLister>(*inputs.objects);
    }
    return std::make_unique<query::LabelValueLister>(backend_, clock_,
                                                     MaxAge(flags));
  }

  Task<void> Shutdown() {
    co_await server_.Drain(clock_.Now() + kDrainTime);
    for (Running& task : background_) task.Cancel();
    client_->CloseIdle();
    obs::Info("stopped");
  }

  const config::ServeFlags flags_;
  boost::asio::io_context& loop_;
  std::unique_ptr<Clock> owned_clock_;
  Clock& clock_;
  obs::Metrics metrics_;
  std::unique_ptr<net::PooledHttpClient> client_;
  std::unique_ptr<net::ServingTls> tls_;
  backend::PrometheusBackend backend_;
  catalog::Refresher catalog_;
  std::unique_ptr<model::ObjectLister> lister_;
  query::Engine engine_;
  api::Service service_;
  net::Server server_;
  std::vector<Running> background_;
};

Result<std::unique_ptr<Program>> Program::Build(const config::ServeFlags& flags,
                                                boost::asio::io_context& loop) {
  Result<Inputs> inputs = ReadInputs(flags);
  if (!inputs) return std::move(inputs).error();

  auto clock = std::make_unique<SystemClock>();
  Result<net::KeyPair> pair = ServingKeyPair(flags, clock->Now());
  if (!pair) return std::move(pair).error();
  Result<std::unique_ptr<net::ServingTls>> tls =
      net::ServingTls::Create(*std::move(pair));
  if (!tls) return std::move(tls).error();

  Result<std::unique_ptr<net::PooledHttpClient>> client =
      net::PooledHttpClient::Create({}, *clock);
  if (!client) return std::move(client).error();

  auto parts =
      std::make_unique<Parts>(flags, loop, std::move(clock), *std::move(inputs),
                              *std::move(client), *std::move(tls));
  return std::unique_ptr<Program>(new Program(std::move(parts)));
}

Program::Program(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Program::~Program() = default;

Result<Done> Program::Start() { return parts_->Start(); }

void Program::BeginShutdown(std::function<void()> at_end) {
  parts_->BeginShutdown(std::move(at_end));
}

}  // namespace sextant::app
