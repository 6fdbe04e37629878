#include "sextant/net/pooled_client.h"

#include <algorithm>
#include <boost/asio/this_coro.hpp>
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

namespace sextant::net {
namespace {

constexpr std::size_t kReadSize = 32 * 1024;

// One Send(), and how far it has come.
struct Call {
  ClientRequest request;
  TimePoint deadline;
  BodySink sink;
  std::string wire;
  std::string server;     // "http://prom:9090"
  const char* step = "";  // "connecting to"

  Error Failed(ErrorCode code, const std::string& reason) const {
    return {code, std::string(step) + " " + server + ": " + reason, ""};
  }
};

std::string ServerOf(const Url& url) {
  return url.scheme + "://" + url.Authority();
}

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
        clock_(clock),
        limit_(options_.max_connections),
        pool_({options_.max_idle_connections, options_.idle_timeout}, clock) {}

  Task<Result<ResponseHead>> Send(ClientRequest request, TimePoint deadline,
                                  BodySink sink) {
    Result<std::string> wire = WriteRequest(request);
    if (!wire) co_return std::move(wire).error();
    Call call;
    call.server = ServerOf(request.url);
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

  std::size_t idle_connections() const { return pool_.size(); }
  void CloseIdle() { pool_.Close(); }

 private:
  // On a kept connection if there is one, else on a new one.
  Task<Result<ResponseHead>> Exchange(Call& call) {
    call.step = "waiting for a connection to";
    ConnectionLimit::Use use(limit_, call.server);
    co_await use.Begin();
    std::unique_ptr<ClientStream> kept = pool_.Take(call.server);
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
      pool_.Put(call.server, std::move(stream),
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
    Result<std::unique_ptr<ClientStream>> stream =
        co_await Connect(url.host, url.port, until, clock_);
    if (!stream) {
      co_return call.Failed(ErrorCode::kUnavailable, stream.error().message);
    }
    if (url.scheme != "https") co_return stream;
    call.step = "starting TLS with";
    const Result<Done> started = co_await (*stream)->StartTls(
        tls_,
        options_.tls_server_name.empty() ? url.host : options_.tls_server_name);
    if (!started) {
      co_return call.Failed(ErrorCode::kUnavailable, started.error().message);
    }
    co_return stream;
  }

  const Options options_;
  ClientTls tls_;
  Clock& clock_;
  ConnectionLimit limit_;
  ConnectionPool pool_;
};

Result<std::unique_ptr<PooledHttpClient>> PooledHttpClient::Create(
    Options options, Clock& clock) {
  Result<ClientTls> tls =
      ClientTls::Create(options.ca_pem, options.certificate);
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

void PooledHttpClient::CloseIdle() { impl_->CloseIdle(); }

std::size_t PooledHttpClient::idle_connections() const {
  return impl_->idle_connections();
}

}  // namespace sextant::net
