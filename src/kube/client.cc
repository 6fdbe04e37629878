#include "sextant/kube/client.h"

#include <memory>
#include <optional>
#include <utility>

#include "retry.h"

namespace sextant::kube {

Client::Client(Options options, net::HttpClient& http,
               std::function<std::string()> token, Clock& clock)
    : options_(std::move(options)),
      http_(http),
      token_(std::move(token)),
      clock_(clock) {}

Task<Result<Reply>> Client::Send(Request request, TimePoint deadline) {
  for (int attempt = 1;; ++attempt) {
    // Each time: the token may have changed.
    net::ClientRequest written = Write(request);
    Result<net::ClientResponse> got = co_await net::SendAndGather(
        http_, std::move(written), deadline, options_.max_reply_bytes);
    std::optional<Duration> wait;
    if (request.repeatable) {
      wait = WaitBeforeRetry(got, attempt, Jitter());
    }
    if (!wait || clock_.Now() + *wait >= deadline) {
      if (!got) co_return std::move(got).error();
      co_return Reply{got->status, std::move(got->body)};
    }
    co_await clock_.SleepUntil(clock_.Now() + *wait);
  }
}

Task<Result<Reply>> Client::Stream(
    Request request, TimePoint deadline,
    std::function<Result<Done>(std::string_view piece)> sink) {
  net::ClientRequest written = Write(request);
  // Shared, because a client may keep its copy of the sink longer than us.
  const auto body = std::make_shared<std::string>();
  net::BodySink take =
      [body, sink = std::move(sink), most = options_.max_reply_bytes,
       from = written.url.ToString()](const net::ResponseHead& head,
                                      std::string_view piece) -> Result<Done> {
    if (head.status == 200) return sink(piece);
    if (piece.size() > most - body->size()) {
      return Error{ErrorCode::kTooLarge,
                   "the reply of " + from + " is larger than " +
                       std::to_string(most) + " bytes",
                   ""};
    }
    body->append(piece);
    return Done{};
  };
  const Result<net::ResponseHead> head =
      co_await http_.Send(std::move(written), deadline, std::move(take));
  if (!head) co_return head.error();
  co_return Reply{head->status, std::move(*body)};
}

net::ClientRequest Client::Write(const Request& request) const {
  net::ClientRequest written;
  written.method = request.method;
  written.url = options_.server;
  std::string& path = written.url.path;
  while (path.ends_with('/')) path.pop_back();
  const std::size_t mark = request.path.find('?');
  path += request.path.substr(0, mark);
  written.url.query =
      mark == std::string::npos ? "" : request.path.substr(mark + 1);
  written.headers = {{"Accept", request.accept},
                     {"User-Agent", options_.user_agent}};
  if (const std::string token = token_(); !token.empty()) {
    written.headers.Add("Authorization", "Bearer " + token);
    written.url.user_info.clear();
  }
  if (!request.body.empty()) {
    written.headers.Add("Content-Type", "application/json");
    written.body = request.body;
  }
  written.repeatable = request.repeatable;
  return written;
}

}  // namespace sextant::kube
