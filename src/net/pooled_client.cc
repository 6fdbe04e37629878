#include "sextant/net/pooled_client.h"

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "client_stream.h"
#include "client_tls.h"
#include "connect.h"
#include "connection_limit.h"
#include "connection_pool.h"
#include "reply_reader.h"
#include "request_writer.h"
#include "sextant/base/spawn.h"
#include "sextant/base/text.h"
#include "tunnel.h"

namespace sextant::net {
namespace {

constexpr std::size_t kReadSize = 32 * 1024;

std::string ServerOf(const Url& url) {
  return url.scheme + "://" + url.Authority();
}

// One Send(), and how far it has come.
struct Call {
  ClientRequest request;
  TimePoint deadline;
  BodySink sink;
  std::string wire;
  std::optional<Url> proxy;  // nothing: straight
  std::string server;        // "http://prom:9090"
  std::string pool;          // where its connections wait
  const char* step = "";     // "connecting to"

  Error Failed(ErrorCode code, const std::string& reason) const {
    std::string message = std::string(step) + " " + server;
    if (proxy) message += " by the proxy " + ServerOf(*proxy);
    return {code, message + ": " + reason, ""};
  }
};

bool AsksForGzip(const Headers& headers) {
  for (const std::string& value : headers.FindAll("Accept-Encoding")) {
    for (const std::string& item : Split(value, ',')) {
      const std::string_view coding =
          Trim(std::string_view(item).substr(0, item.find(';')));
      if (EqualsIgnoringCase(coding, "gzip")) return true;
    }
  }
  return false;
}

}  // namespace

class PooledHttpClient::Impl {
 public:
  Impl(Options options, ClientTls tls, Clock& clock)
      : options_(std::move(options)),
        tls_(std::move(tls)),
        server_name_(options_.tls.server_name),
        clock_(clock),
        limit_(options_.max_connections),
        pool_({options_.max_idle_connections, options_.idle_timeout}, clock) {}

  Task<Result<ResponseHead>> Send(ClientRequest request, TimePoint deadline,
                                  BodySink sink) {
    Result<std::optional<Url>> proxy = ProxyFor(request.url, options_.proxies);
    if (!proxy) co_return std::move(proxy).error();
    // What goes through a tunnel reads as if there were no proxy.
    const bool tunnel = *proxy && request.url.scheme == "https";
    Result<std::string> wire =
        WriteRequest(request, tunnel ? std::nullopt : *proxy);
    if (!wire) co_return std::move(wire).error();
    Call call;
    call.proxy = *std::move(proxy);
    call.server = ServerOf(request.url);
    // What waits since before the last ReplaceTls() is not found, and grows
    // old.
    call.pool = call.server + " " + std::to_string(generation_);
    call.request = std::move(request);
    call.deadline = deadline;
    call.sink = std::move(sink);
    call.wire = std::move(*wire);
    call.step = "sending to";
    std::optional<Result<ResponseHead>> answer;
    if (clock_.Now() < deadline) {
      answer = co_await Before(clock_, deadline, Exchange(call));
    }
    if (answer) co_return std::move(*answer);
    co_return call.Failed(ErrorCode::kDeadlineExceeded,
                          "the time for it ran out");
  }

  Result<Done> ReplaceTls(Tls tls) {
    Result<ClientTls> fresh = ClientTls::Create(tls);
    if (!fresh) return std::move(fresh).error();
    tls_ = std::move(*fresh);
    server_name_ = std::move(tls.server_name);
    ++generation_;
    return Done{};
  }

  std::size_t idle_connections() const { return pool_.size(); }
  void CloseIdle() { pool_.Close(); }

 private:
  // On a kept connection if there is one, else on a new one.
  Task<Result<ResponseHead>> Exchange(Call& call) {
    call.step = "waiting for a connection to";
    ConnectionLimit::Use use(limit_, call.server);
    co_await use.Begin();
    std::unique_ptr<ClientStream> kept = pool_.Take(call.pool);
    if (kept) {
      bool answered = false;
      Result<ResponseHead> head =
          co_await ExchangeOn(std::move(kept), call, answered);
      if (head || answered || !call.request.repeatable) co_return head;
    }
    Result<std::unique_ptr<ClientStream>> fresh = co_await Open(call);
    if (!fresh) co_return std::move(fresh).error();
    bool answered = false;
    co_return co_await ExchangeOn(std::move(*fresh), call, answered);
  }

  // `answered`: at least one byte of the reply has come.
  Task<Result<ResponseHead>> ExchangeOn(std::unique_ptr<ClientStream> stream,
                                        Call& call, bool& answered) {
    call.step = "sending to";
    const Result<Done> written = co_await stream->WriteAll(call.wire);
    // A server that refuses a request may close before it has read all of it:
    // what it has to say comes first.
    ReplyReader::Options options;
    options.source = call.server;
    options.without_body = call.request.method == "HEAD";
    options.gzip_asked = AsksForGzip(call.request.headers);
    options.max_header_bytes = options_.max_header_bytes;
    ReplyReader reader(std::move(options), call.sink);
    if (written) call.step = "waiting for";
    std::vector<char> buffer(kReadSize);
    while (!reader.Complete()) {
      const Result<std::size_t> got =
          co_await stream->ReadSome(buffer.data(), buffer.size());
      if (!got || *got == 0) {
        if (!reader.Started() && !written) {
          co_return call.Failed(ErrorCode::kUnavailable,
                                written.error().message);
        }
        if (!got) {
          co_return call.Failed(ErrorCode::kUnavailable, got.error().message);
        }
        if (Result<Done> ended = reader.End(); !ended) {
          co_return std::move(ended).error();
        }
        break;
      }
      answered = true;
      call.step = "reading the reply of";
      if (Result<Done> put = reader.Put({buffer.data(), *got}); !put) {
        co_return std::move(put).error();
      }
    }
    if (written && reader.MayReuseConnection()) {
      pool_.Put(call.pool, std::move(stream),
                co_await boost::asio::this_coro::executor);
    }
    co_return reader.TakeHead();
  }

  Task<Result<std::unique_ptr<ClientStream>>> Open(Call& call) {
    call.step = "connecting to";
    const TimePoint until =
        std::min(call.deadline, clock_.Now() + options_.connect_timeout);
    // The caller's deadline is the business of Send().
    if (until == call.deadline) co_return co_await OpenUntil(call, until);
    std::optional<Result<std::unique_ptr<ClientStream>>> stream =
        co_await Before(clock_, until, OpenUntil(call, until));
    if (stream) co_return std::move(*stream);
    co_return call.Failed(ErrorCode::kUnavailable,
                          "no answer within " +
                              std::to_string(options_.connect_timeout.count()) +
                              " ms");
  }

  Task<Result<std::unique_ptr<ClientStream>>> OpenUntil(Call& call,
                                                        TimePoint until) {
    const Url& url = call.request.url;
    const Url& next = call.proxy ? *call.proxy : url;
    Result<std::unique_ptr<ClientStream>> stream =
        co_await Connect(next.host, next.port, until, clock_);
    if (!stream) {
      co_return call.Failed(ErrorCode::kUnavailable, stream.error().message);
    }
    if (url.scheme != "https") co_return stream;
    if (call.proxy) {
      const Result<Done> open = co_await OpenTunnel(**stream, *call.proxy, url);
      if (!open) {
        co_return call.Failed(ErrorCode::kUnavailable, open.error().message);
      }
    }
    call.step = "starting TLS with";
    const Result<Done> started = co_await (*stream)->StartTls(
        tls_, server_name_.empty() ? url.host : server_name_);
    if (!started) {
      co_return call.Failed(ErrorCode::kUnavailable, started.error().message);
    }
    co_return stream;
  }

  const Options options_;
  ClientTls tls_;
  std::string server_name_;
  std::uint64_t generation_ = 0;  // counts ReplaceTls()
  Clock& clock_;
  ConnectionLimit limit_;
  ConnectionPool pool_;
};

Result<std::unique_ptr<PooledHttpClient>> PooledHttpClient::Create(
    Options options, Clock& clock) {
  Result<ClientTls> tls = ClientTls::Create(options.tls);
  if (!tls) return std::move(tls).error();
  return std::unique_ptr<PooledHttpClient>(new PooledHttpClient(
      std::make_unique<Impl>(std::move(options), std::move(*tls), clock)));
}

PooledHttpClient::PooledHttpClient(std::unique_ptr<Impl> impl)
    : impl_(std::move(impl)) {}

PooledHttpClient::~PooledHttpClient() = default;

Task<Result<ResponseHead>> PooledHttpClient::Send(ClientRequest request,
                                                  TimePoint deadline,
                                                  BodySink sink) {
  return impl_->Send(std::move(request), deadline, std::move(sink));
}

Result<Done> PooledHttpClient::ReplaceTls(Tls tls) {
  return impl_->ReplaceTls(std::move(tls));
}

void PooledHttpClient::CloseIdle() { impl_->CloseIdle(); }

std::size_t PooledHttpClient::idle_connections() const {
  return impl_->idle_connections();
}

}  // namespace sextant::net
