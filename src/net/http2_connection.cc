#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "await.h"
#include "connection.h"
#include "http2_session.h"
#include "response_rules.h"
#include "sextant/base/event.h"

namespace sextant::net {
namespace {

namespace asio = boost::asio;

// About four TLS records in one go.
constexpr std::size_t kEnough = 64 * 1024;
// What a connection that waits may keep of it.
constexpr std::size_t kKeptCapacity = 16 * 1024;

Http2Limits Limits(const Server::Options& options) {
  Http2Limits limits;
  limits.max_streams = options.max_streams;
  limits.max_header_bytes = options.max_header_bytes;
  limits.max_body_bytes = options.max_body_bytes;
  limits.header_timeout = options.header_timeout;
  limits.body_timeout = options.body_timeout;
  limits.write_timeout = options.write_timeout;
  return limits;
}

// One Task reads and one writes, so that a client that is slow to take its
// replies still gets its requests cancelled and its PINGs read.  Handlers are
// Tasks of their own; those that answer at once have all done so by the time
// the writer's turn comes, and share one write.
class Http2Connection : public std::enable_shared_from_this<Http2Connection> {
 public:
  Http2Connection(std::shared_ptr<ServerContext> context,
                  std::shared_ptr<Connection> connection)
      : context_(std::move(context)),
        connection_(std::move(connection)),
        session_(Limits(context_->options)),
        wake_(context_->executor) {}

  // What it needs to end: Stop() breaks the circle of references.
  void Start() {
    busy_until_ = Now();
    connection_->deadline = TimePoint::max();
    connection_->sweep = [this](TimePoint now) { Sweep(now); };
    connection_->drain = [this] {
      session_.GoAway(Now());
      wake_.Notify();
    };
    if (context_->draining) session_.GoAway(Now());
    writer_ = Spawn(context_->executor, WriteReplies(shared_from_this()));
  }

  void Stop() {
    stopped_ = true;
    connection_->sweep = {};
    connection_->drain = {};
    connection_->Close();
    writer_.Cancel();
    for (auto& [stream, handler] : std::exchange(handlers_, {})) {
      handler.Cancel();
    }
  }

  Task<void> ReadRequests() {
    for (;;) {
      const Result<std::size_t> size = co_await connection_->stream.ReadSome(
          context_->scratch.data(), context_->scratch.size());
      if (!size || *size == 0) co_return;
      if (ending_) continue;
      busy_until_ = Now();
      const bool good =
          session_.Receive({context_->scratch.data(), *size}, Now());
      CancelClosed();
      for (Http2Session::Arrived& arrived : session_.TakeRequests()) {
        Begin(arrived.stream, std::move(arrived.request));
      }
      if (!good) {
        // What is wrong should still go out, if the client takes it.
        ending_ = true;
        connection_->deadline = Now() + context_->options.write_timeout;
      }
      wake_.Notify();
      // The writer's turn comes before ours, so that a client that asks fast
      // and reads fast never has many answers waiting.
      co_await asio::post(context_->executor, asio::use_awaitable);
    }
  }

 private:
  TimePoint Now() const { return context_->clock.Now(); }

  void Begin(Http2Session::Stream stream, Request request) {
    request.peer_address = connection_->peer_address;
    request.peer_certificate = connection_->peer_certificate;
    const std::weak_ptr<Http2Connection> weak = weak_from_this();
    handlers_[stream] =
        Handle(context_, std::move(request), [weak, stream](Response response) {
          const std::shared_ptr<Http2Connection> self = weak.lock();
          if (self) self->Answer(stream, std::move(response));
        });
  }

  void Answer(Http2Session::Stream stream, Response response) {
    if (stopped_) return;
    handlers_.erase(stream);
    busy_until_ = Now();
    const bool last = EndsConnection(response);
    session_.Respond(stream, std::move(response), context_->Date(), Now());
    if (last) session_.GoAway(Now());
    wake_.Notify();
  }

  void Cancel(Http2Session::Stream stream) {
    const auto found = handlers_.find(stream);
    if (found == handlers_.end()) return;
    Running handler = std::move(found->second);
    handlers_.erase(found);
    handler.Cancel();
  }

  void CancelClosed() {
    for (const Http2Session::Stream stream : session_.TakeClosed()) {
      Cancel(stream);
    }
  }

  void Sweep(TimePoint now) {
    const Server::Options& options = context_->options;
    const bool stuck =
        writing_since_ && *writing_since_ + options.write_timeout <= now;
    if (stuck || !session_.Sweep(now)) {
      connection_->Close();
      return;
    }
    CancelClosed();
    if (session_.open_streams() == 0 &&
        busy_until_ + options.idle_timeout <= now) {
      session_.GoAway(now);
    }
    if (session_.WantsWrite()) wake_.Notify();
  }

  static Task<void> WriteReplies(std::shared_ptr<Http2Connection> self) {
    Connection& connection = *self->connection_;
    std::string out;
    for (;;) {
      if (!self->session_.Send(out, kEnough, self->Now())) self->ending_ = true;
      self->CancelClosed();
      if (out.empty()) {
        if (self->ending_ || self->session_.Finished()) break;
        co_await self->wake_.Wait();
        continue;
      }
      self->writing_since_ = self->Now();
      const Result<Done> written = co_await connection.stream.WriteAll(out);
      self->writing_since_.reset();
      if (!written) {
        connection.Close();
        co_return;
      }
      out.clear();
      if (out.capacity() > kKeptCapacity) out = std::string();
    }
    // The reader goes on until the client has closed its side.
    self->ending_ = true;
    BeginLinger(*self->context_, connection);
  }

  const std::shared_ptr<ServerContext> context_;
  const std::shared_ptr<Connection> connection_;
  Http2Session session_;
  Event wake_;  // there may be something to write
  Running writer_;
  std::unordered_map<Http2Session::Stream, Running> handlers_;
  std::optional<TimePoint> writing_since_;
  TimePoint busy_until_{};  // the last sign of life
  bool ending_ = false;     // nothing more is read, only written
  bool stopped_ = false;
};

}  // namespace

Task<void> ServeHttp2(std::shared_ptr<ServerContext> context,
                      std::shared_ptr<Connection> connection) {
  const auto http = std::make_shared<Http2Connection>(std::move(context),
                                                      std::move(connection));
  struct Stopper {
    Http2Connection& connection;
    ~Stopper() { connection.Stop(); }
  } const stopper{*http};
  http->Start();
  co_await http->ReadRequests();
}

}  // namespace sextant::net
