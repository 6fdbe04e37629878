#include "sextant/net/server.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <csignal>
#include <utility>
#include <vector>

#include "await.h"
#include "connection.h"
#include "server_context.h"
#include "serving_tls_impl.h"
#include "sextant/base/spawn.h"
#include "sextant/obs/log.h"

namespace sextant::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

// How long to wait when the system refuses a new connection (too many open
// files, say) before trying again.
constexpr Duration kAcceptPause = std::chrono::milliseconds(100);

// How exactly deadlines are kept.
constexpr Duration kSweepAtMost = std::chrono::seconds(1);
constexpr Duration kSweepAtLeast = std::chrono::milliseconds(10);

Duration SweepEvery(const Server::Options& o) {
  const Duration shortest =
      std::min({o.handshake_timeout, o.header_timeout, o.body_timeout,
                o.idle_timeout, o.write_timeout});
  return std::clamp(shortest / 4, kSweepAtLeast, kSweepAtMost);
}

using Connections = std::vector<std::shared_ptr<Connection>>;

// To walk through while connections end.
Connections Copy(const ServerContext& context) {
  return Connections(context.connections.begin(), context.connections.end());
}

void CloseAll(const ServerContext& context) {
  for (const auto& connection : Copy(context)) connection->Close();
}

Task<void> Sweep(std::shared_ptr<ServerContext> context) {
  const Duration every = SweepEvery(context->options);
  for (;;) {
    co_await context->clock.SleepUntil(context->clock.Now() + every);
    const TimePoint now = context->clock.Now();
    for (const auto& connection : Copy(*context)) {
      if (connection->deadline <= now) {
        connection->Close();
      } else if (connection->sweep) {
        connection->sweep(now);
      }
    }
  }
}

void Begin(const std::shared_ptr<ServerContext>& context, tcp::socket socket) {
  boost::system::error_code failed;
  const tcp::endpoint client = socket.remote_endpoint(failed);
  if (failed) return;  // gone already
  socket.set_option(tcp::no_delay(true), failed);
  SslPointer ssl = context->tls.impl().NewConnection();
  if (!ssl) return;
  const auto connection = std::make_shared<Connection>(
      std::move(socket), std::move(ssl), client.address().to_string());
  context->connections.insert(connection);
  connection->task = Spawn(context->executor, Serve(context, connection),
                           [context, connection] {
                             connection->stream.Close();
                             context->connections.erase(connection);
                             if (context->connections.empty())
                               context->all_ended.Notify();
                           });
}

Task<void> Accept(std::shared_ptr<ServerContext> context,
                  std::shared_ptr<tcp::acceptor> acceptor) {
  bool complained = false;
  while (acceptor->is_open()) {
    auto [failed, socket] = co_await acceptor->async_accept(kAwait);
    if (!failed) {
      complained = false;
      // Above the limit the socket is closed again as it goes out of scope.
      if (context->connections.size() < context->options.max_connections) {
        Begin(context, std::move(socket));
      }
      continue;
    }
    if (failed == asio::error::operation_aborted) co_return;
    if (failed == asio::error::connection_aborted) continue;
    if (!complained) {
      complained = true;
      obs::Warn("cannot accept connections, trying again",
                {{"reason", failed.message()}});
    }
    co_await context->clock.SleepUntil(context->clock.Now() + kAcceptPause);
  }
}

Task<bool> AllEnded(std::shared_ptr<ServerContext> context) {
  while (!context->connections.empty()) {
    co_await context->all_ended.Wait();
  }
  co_return true;
}

// `sweeping` ends last, as connections keep their deadlines while they drain,
// but end it must: the loop runs as long as anything waits.
Task<void> DrainConnections(std::shared_ptr<ServerContext> context,
                            TimePoint deadline, Running sweeping) {
  for (const auto& connection : Copy(*context)) {
    if (connection->drain) {
      connection->drain();
    } else {
      connection->Close();
    }
  }
  const std::optional<bool> ended =
      co_await Before(context->clock, deadline, AllEnded(context));
  if (!ended) {
    CloseAll(*context);
    co_await AllEnded(context);
  }
  sweeping.Cancel();
}

}  // namespace

class Server::Impl {
 public:
  Impl(Options options, asio::io_context& loop, ServingTls& tls, Clock& clock,
       Handler handler)
      : context_(std::make_shared<ServerContext>(std::move(options),
                                                 loop.get_executor(), tls,
                                                 clock, std::move(handler))),
        acceptor_(std::make_shared<tcp::acceptor>(loop)) {}

  ~Impl() {
    StopAccepting();
    sweeping_.Cancel();
    CloseAll(*context_);
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  Result<Done> Start() {
    // OpenSSL writes with write(), which raises it when the client has gone.
    std::signal(SIGPIPE, SIG_IGN);
    const Options& options = context_->options;
    boost::system::error_code failed;
    const asio::ip::address address =
        asio::ip::make_address(options.bind_address, failed);
    if (failed) {
      return Error{ErrorCode::kInvalidArgument,
                   "cannot listen on \"" + options.bind_address +
                       "\": not an IP address",
                   {}};
    }
    const tcp::endpoint wanted(address, options.port);
    Listen(wanted, failed);
    if (failed) {
      return Error{ErrorCode::kUnavailable,
                   "cannot listen on " + Text(wanted) + ": " + failed.message(),
                   {}};
    }
    accepting_ = Spawn(context_->executor, Accept(context_, acceptor_));
    sweeping_ = Spawn(context_->executor, Sweep(context_));
    return Done{};
  }

  std::string address() const { return Text(bound_); }
  std::uint16_t port() const { return bound_.port(); }
  std::size_t connections() const { return context_->connections.size(); }

  Task<void> Drain(TimePoint deadline) {
    StopAccepting();
    context_->draining = true;
    return DrainConnections(context_, deadline, sweeping_);
  }

 private:
  static std::string Text(const tcp::endpoint& endpoint) {
    const std::string host = endpoint.address().to_string();
    return (endpoint.address().is_v6() ? "[" + host + "]" : host) + ":" +
           std::to_string(endpoint.port());
  }

  void Listen(const tcp::endpoint& endpoint,
              boost::system::error_code& failed) {
    acceptor_->open(endpoint.protocol(), failed);
    if (failed) return;
    acceptor_->set_option(tcp::acceptor::reuse_address(true), failed);
    if (context_->options.share_port) {
      using SharePort =
          asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;
      acceptor_->set_option(SharePort(true), failed);
    }
    if (endpoint.address().is_v6() && endpoint.address().is_unspecified()) {
      // "::" means every address of the machine, as in Go.
      acceptor_->set_option(asio::ip::v6_only(false), failed);
    }
    acceptor_->bind(endpoint, failed);
    if (failed) return;
    acceptor_->listen(context_->options.backlog, failed);
    if (failed) return;
    bound_ = acceptor_->local_endpoint(failed);
  }

  void StopAccepting() {
    boost::system::error_code ignored;
    acceptor_->close(ignored);
    accepting_.Cancel();
  }

  const std::shared_ptr<ServerContext> context_;
  const std::shared_ptr<tcp::acceptor> acceptor_;
  tcp::endpoint bound_;
  Running accepting_;
  Running sweeping_;
};

Server::Server(Options options, asio::io_context& loop, ServingTls& tls,
               Clock& clock, Handler handler)
    : impl_(std::make_unique<Impl>(std::move(options), loop, tls, clock,
                                   std::move(handler))) {}
Server::~Server() = default;

Result<Done> Server::Start() { return impl_->Start(); }
std::string Server::address() const { return impl_->address(); }
std::uint16_t Server::port() const { return impl_->port(); }
std::size_t Server::connections() const { return impl_->connections(); }
Task<void> Server::Drain(TimePoint deadline) { return impl_->Drain(deadline); }

}  // namespace sextant::net
