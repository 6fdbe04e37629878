#pragma once

#include <algorithm>
#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sextant/net/client.h"

namespace sextant {

// What a FakeHttpClient answers: a reply, or an error of the network after
// what there is of the body.
struct FakeReply {
  int status = 200;
  std::string body = {};
  net::Headers headers = {};
  std::optional<Error> error = {};
  // More might come, as in a watch: it lasts until its deadline or until it is
  // cancelled.  FakeHttpClient::clock must be set.
  bool open = false;
};

// An HttpClient without a network.  A request is answered by its path, as
// Answer() said last; other paths are 404.  Bodies come in pieces of `piece`
// bytes.
class FakeHttpClient final : public net::HttpClient {
 public:
  void Answer(const std::string& path, FakeReply reply) {
    replies_[path] = {std::move(reply)};
  }

  // The first request to `path` gets the first reply and so on; the last reply
  // is for all that follow.
  void AnswerInTurn(const std::string& path, std::deque<FakeReply> replies) {
    replies_[path] = std::move(replies);
  }

  Task<Result<net::ResponseHead>> Send(net::ClientRequest request,
                                       TimePoint deadline,
                                       net::BodySink sink) override {
    // A copy: Answer() may be called from inside the sink.
    const FakeReply reply = Next(request.url.path);
    requests.push_back(std::move(request));
    deadlines.push_back(deadline);

    const net::ResponseHead head{reply.status, reply.headers};
    std::string_view body = reply.body;
    while (!body.empty()) {
      Result<Done> taken = sink(head, body.substr(0, piece));
      if (!taken) co_return std::move(taken).error();
      body.remove_prefix(std::min(piece, body.size()));
    }
    if (reply.error) co_return *reply.error;
    if (reply.open) {
      co_await clock->SleepUntil(deadline);
      co_return Error{ErrorCode::kDeadlineExceeded, "the time ran out", ""};
    }
    co_return head;
  }

  Clock* clock = nullptr;
  std::size_t piece = std::string::npos;
  std::vector<net::ClientRequest> requests;
  std::vector<TimePoint> deadlines;

 private:
  FakeReply Next(const std::string& path) {
    const auto found = replies_.find(path);
    if (found == replies_.end()) {
      return {.status = 404, .body = "404 page not found\n"};
    }
    FakeReply reply = found->second.front();
    if (found->second.size() > 1) found->second.pop_front();
    return reply;
  }

  std::map<std::string, std::deque<FakeReply>> replies_;  // never empty ones
};

}  // namespace sextant
