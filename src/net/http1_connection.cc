#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>
#include <optional>
#include <utility>

#include "await.h"
#include "connection.h"
#include "http1_codec.h"
#include "response_rules.h"
#include "sextant/base/event.h"

namespace sextant::net {
namespace {

namespace asio = boost::asio;

// A reply up to this size goes out in one write with its head.
constexpr std::size_t kSmallBody = 16 * 1024;
// A larger one may take write_timeout for each piece of this size, so that a
// client cannot hold it for ever by reading a byte now and then.
constexpr std::size_t kPiece = 256 * 1024;

// A handler at work.
struct Exchange {
  explicit Exchange(const asio::any_io_executor& executor) : ended(executor) {}
  std::optional<Response> response;
  Event ended;  // the response is there
};

Task<void> CancelWhenGone(std::shared_ptr<Connection> connection,
                          std::shared_ptr<Exchange> exchange, Running handler) {
  // Bytes that can be read are the next request: the client is there, and we
  // look no further.
  const bool there = co_await connection->stream.WaitReadable();
  if (there || exchange->response) co_return;
  handler.Cancel();
}

class Http1Connection {
 public:
  Http1Connection(std::shared_ptr<ServerContext> context,
                  std::shared_ptr<Connection> connection)
      : context_(std::move(context)),
        connection_(std::move(connection)),
        decoder_({context_->options.max_header_bytes,
                  context_->options.max_body_bytes}) {
    connection_->drain = [this] {
      if (idle_) connection_->Close();
    };
  }
  ~Http1Connection() { connection_->drain = {}; }
  Http1Connection(const Http1Connection&) = delete;
  Http1Connection& operator=(const Http1Connection&) = delete;

  Task<void> Run() {
    for (;;) {
      const bool arrived = co_await ReadRequest();
      if (!arrived) break;
      Request request = decoder_.TakeRequest();
      request.peer_address = connection_->peer_address;
      request.peer_certificate = connection_->peer_certificate;
      const bool is_head = request.method == "HEAD";
      const std::optional<Response> response =
          co_await Answer(std::move(request));
      if (!response) co_return;
      const bool keep = decoder_.keep_alive() && !context_->draining &&
                        !EndsConnection(*response);
      const bool sent = co_await Write(*response, is_head, keep);
      if (!sent) co_return;
      if (!keep) break;
    }
    co_await Linger(context_, connection_);
  }

 private:
  TimePoint Now() const { return context_->clock.Now(); }

  // False if there will be none: the client has gone, or it has been told what
  // is wrong.
  Task<bool> ReadRequest() {
    const Server::Options& options = context_->options;
    connection_->deadline = Now() + options.idle_timeout;
    auto phase = Http1Decoder::Phase::kIdle;
    for (;;) {
      const Http1Decoder::Step step = decoder_.Next();
      if (step == Http1Decoder::Step::kRequest) co_return true;
      if (step == Http1Decoder::Step::kRefused) {
        const auto& [status, reason] = decoder_.refusal();
        const Response refusal =
            Response::Of(status, "text/plain; charset=utf-8", reason + "\n");
        co_await Write(refusal, false, false);
        co_return false;
      }
      if (step == Http1Decoder::Step::kContinue) {
        const Result<Done> written = co_await connection_->stream.WriteAll(
            "HTTP/1.1 100 Continue\r\n\r\n");
        if (!written) co_return false;
        continue;
      }
      if (decoder_.phase() != phase) {
        phase = decoder_.phase();
        connection_->deadline = Now() + (phase == Http1Decoder::Phase::kHead
                                             ? options.header_timeout
                                             : options.body_timeout);
      }
      idle_ = phase == Http1Decoder::Phase::kIdle;
      if (idle_ && context_->draining) co_return false;
      const Result<std::size_t> size = co_await connection_->stream.ReadSome(
          context_->scratch.data(), context_->scratch.size());
      idle_ = false;
      if (!size || *size == 0) co_return false;
      decoder_.Feed({context_->scratch.data(), *size});
    }
  }

  // Nothing if the client went away.
  Task<std::optional<Response>> Answer(Request request) {
    connection_->deadline = TimePoint::max();
    const auto exchange = std::make_shared<Exchange>(context_->executor);
    // Stops both when this Task unwinds.
    struct Started {
      Running handler;
      Running watcher;
      ~Started() {
        handler.Cancel();
        watcher.Cancel();
      }
    } started;
    started.handler =
        Handle(context_, std::move(request), [exchange](Response response) {
          exchange->response = std::move(response);
          exchange->ended.Notify();
        });
    // A handler that answers at once needs no watcher.
    co_await asio::post(context_->executor, asio::use_awaitable);
    if (!exchange->response) {
      started.watcher =
          Spawn(context_->executor,
                CancelWhenGone(connection_, exchange, started.handler));
    }
    while (!exchange->response) co_await exchange->ended.Wait();
    co_return std::move(exchange->response);
  }

  Task<bool> Write(const Response& response, bool is_head, bool keep_alive) {
    connection_->deadline = Now() + context_->options.write_timeout;
    std::string out = EncodeHttp1Head(response, keep_alive, context_->Date());
    std::string_view rest;
    if (!is_head && response.body && HasBody(response.status)) {
      rest = *response.body;
    }
    if (rest.size() <= kSmallBody) {
      out += rest;
      rest = {};
    }
    Result<Done> written = co_await connection_->stream.WriteAll(out);
    while (written && !rest.empty()) {
      connection_->deadline = Now() + context_->options.write_timeout;
      const std::string_view piece = rest.substr(0, kPiece);
      written = co_await connection_->stream.WriteAll(piece);
      rest.remove_prefix(piece.size());
    }
    co_return static_cast<bool>(written);
  }

  const std::shared_ptr<ServerContext> context_;
  const std::shared_ptr<Connection> connection_;
  Http1Decoder decoder_;
  bool idle_ = false;  // waits for a request of which nothing is here
};

}  // namespace

Task<void> ServeHttp1(std::shared_ptr<ServerContext> context,
                      std::shared_ptr<Connection> connection) {
  Http1Connection http(std::move(context), std::move(connection));
  co_await http.Run();
}

}  // namespace sextant::net
