#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sextant/base/clock.h"
#include "sextant/base/event.h"
#include "sextant/base/spawn.h"
#include "sextant/base/text.h"
#include "sextant/net/client.h"
#include "support/fake_http_client.h"

namespace sextant::kube {

// A watch that is open, at the API server's end.
class FakeWatch {
 public:
  FakeWatch(const boost::asio::any_io_executor& loop,
            net::ClientRequest request, net::BodySink sink)
      : request_(std::move(request)), sink_(std::move(sink)), ending_(loop) {}

  void Send(const std::string& events) {
    if (end_) return;
    const Result<Done> taken = sink_({200, {}}, events);
    if (!taken) EndWith(taken.error());
  }
  void End() { EndWith(net::ResponseHead{200, {}}); }
  void Break() {
    EndWith(Error{ErrorCode::kUnavailable, "the connection broke", ""});
  }

  // Of the query.
  std::string Parameter(const std::string& name) const {
    for (const auto& [key, value] : ParseQueryString(request_.url.query)) {
      if (key == name) return value;
    }
    return "(none)";
  }
  const std::string& path() const { return request_.url.path; }

  Task<Result<net::ResponseHead>> Wait() {
    if (!end_) co_await ending_.Wait();
    // Cancelled otherwise.
    if (!end_) {
      throw boost::system::system_error(boost::asio::error::operation_aborted);
    }
    co_return *end_;
  }

 private:
  void EndWith(Result<net::ResponseHead> end) {
    end_ = std::move(end);
    ending_.Notify();
  }

  const net::ClientRequest request_;
  const net::BodySink sink_;
  Event ending_;
  std::optional<Result<net::ResponseHead>> end_;
};

// An API server without a network, or what a Client sees of it.  Lists are
// answered as `lists` says; watches stay open until they are ended or their
// deadline passes, unless `watches` has an answer for their path.
class FakeWatchServer final : public net::HttpClient {
 public:
  explicit FakeWatchServer(Clock& clock) : clock_(clock) {}

  Task<Result<net::ResponseHead>> Send(net::ClientRequest request,
                                       TimePoint deadline,
                                       net::BodySink sink) override {
    const std::string& query = request.url.query;
    const bool is_watch = query.find("watch=true") != std::string::npos;
    asked.push_back(request.url.path + (is_watch ? "?watch" : ""));
    if (!is_watch) {
      Task<Result<net::ResponseHead>> reply =
          lists.Send(std::move(request), deadline, std::move(sink));
      co_return co_await std::move(reply);
    }
    if (refuse_watches) {
      Task<Result<net::ResponseHead>> reply =
          watches.Send(std::move(request), deadline, std::move(sink));
      co_return co_await std::move(reply);
    }
    const auto loop = co_await boost::asio::this_coro::executor;
    const auto watch =
        std::make_shared<FakeWatch>(loop, std::move(request), std::move(sink));
    open.push_back(watch);
    struct Closing {
      std::vector<std::shared_ptr<FakeWatch>>& open;
      const std::shared_ptr<FakeWatch>& watch;
      ~Closing() { std::erase(open, watch); }
    } const closing{open, watch};
    Task<Result<net::ResponseHead>> ending = watch->Wait();
    std::optional<Result<net::ResponseHead>> end =
        co_await Before(clock_, deadline, std::move(ending));
    if (end) co_return *std::move(end);
    co_return Error{ErrorCode::kDeadlineExceeded, "the deadline passed", ""};
  }

  FakeHttpClient lists;
  FakeHttpClient watches;
  bool refuse_watches = false;     // answered by `watches`
  std::vector<std::string> asked;  // paths, those of watches with "?watch"
  std::vector<std::shared_ptr<FakeWatch>> open;

 private:
  Clock& clock_;
};

// {"metadata":{"name":...}}, as far as we read it.  Labels as "app=web,tier=x".
inline std::string ObjectJson(const std::string& namespace_,
                              const std::string& name,
                              const std::string& labels = "",
                              const std::string& version = "") {
  std::string json = R"({"metadata":{"name":")" + name + R"(","namespace":")" +
                     namespace_ + R"(","resourceVersion":")" + version +
                     R"(","labels":{)";
  std::string separator;
  for (const std::string& label : Split(labels, ',')) {
    const std::size_t equals = label.find('=');
    if (equals == std::string::npos) continue;
    json += separator + "\"" + label.substr(0, equals) + "\":\"" +
            label.substr(equals + 1) + "\"";
    separator = ",";
  }
  return json + "}}}";
}

inline FakeReply ListReply(const std::string& version,
                           const std::vector<std::string>& objects,
                           const std::string& more = "") {
  return {.body = R"({"metadata":{"resourceVersion":")" + version +
                  R"(","continue":")" + more + R"("},"items":[)" +
                  Join(objects, ",") + "]}"};
}

inline std::string EventJson(const std::string& type,
                             const std::string& object) {
  return R"({"type":")" + type + R"(","object":)" + object + "}\n";
}

inline FakeReply StatusReply(int status, const std::string& message) {
  return {.status = status,
          .body = R"({"kind":"Status","message":")" + message + "\"}"};
}

}  // namespace sextant::kube
