#include "sextant/net/pooled_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sextant/base/spawn.h"
#include "support/await_task.h"
#include "support/fake_clock.h"
#include "support/gzip.h"
#include "support/result_matchers.h"
#include "support/scripted_server.h"

namespace sextant::net {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

const char kOk[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

std::string At(const ScriptedServer& server) {
  return "http://127.0.0.1:" + std::to_string(server.port());
}

ClientRequest Get(const std::string& url) {
  ClientRequest request;
  request.url = *Url::Parse(url);
  return request;
}

class PooledHttpClientTest : public ::testing::Test {
 protected:
  std::unique_ptr<PooledHttpClient> MakeClient(
      PooledHttpClient::Options options = {}) {
    return std::move(*PooledHttpClient::Create(std::move(options), clock_));
  }

  Task<Result<ClientResponse>> Sending(PooledHttpClient& client,
                                       ClientRequest request) {
    return SendAndGather(client, std::move(request),
                         clock_.Now() + std::chrono::seconds(5), 1 << 20);
  }

  // The time stands still meanwhile.
  Result<ClientResponse> Send(PooledHttpClient& client, ClientRequest request) {
    return AwaitTask(loop_, Sending(client, std::move(request)));
  }

  boost::asio::io_context loop_;
  FakeClock clock_{loop_};
};

TEST_F(PooledHttpClientTest, SendsTheRequestAndGathersTheReply) {
  ScriptedServer server(
      {{{"HTTP/1.1 404 Not Found\r\nX: y\r\n"
         "Content-Length: 4\r\n\r\nnope"}}});
  const auto client = MakeClient();
  ClientRequest request = Get(At(server) + "/a?b=c");
  request.method = "POST";
  request.body = "query=up";
  const Result<ClientResponse> response = Send(*client, request);
  ASSERT_THAT(response, IsOk());
  EXPECT_EQ(response->status, 404);
  EXPECT_EQ(*response->headers.Find("x"), "y");
  EXPECT_EQ(response->body, "nope");
  EXPECT_THAT(server.requests(),
              ElementsAre("POST /a?b=c HTTP/1.1\r\nHost: 127.0.0.1:" +
                          std::to_string(server.port()) +
                          "\r\nContent-Length: 8\r\n\r\nquery=up"));
}

TEST_F(PooledHttpClientTest, UsesAConnectionAgainOnlyAfterAWholeReply) {
  const struct {
    const char* what;
    std::string first;
    bool closes;
    std::size_t connections;
  } kCases[] = {
      {"kept", kOk, false, 1},
      {"chunked",
       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n"
       "0\r\n\r\n",
       false, 1},
      {"closed as announced",
       "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
       false, 2},
      {"until the end", "HTTP/1.1 200 OK\r\n\r\nok", true, 2},
      {"HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", false, 2},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.what);
    ScriptedServer server({{{c.first, c.closes}, {kOk}}, {{kOk}}});
    const auto client = MakeClient();
    EXPECT_EQ(Send(*client, Get(At(server)))->body, "ok");
    EXPECT_EQ(Send(*client, Get(At(server)))->body, "ok");
    EXPECT_EQ(server.accepted(), c.connections);
    EXPECT_EQ(client->idle_connections(), 1u);
  }
}

TEST_F(PooledHttpClientTest, LeavesAConnectionThatTheServerClosedWhileIdle) {
  ScriptedServer server({{{kOk, true}}, {{kOk}}});
  const auto client = MakeClient();
  ClientRequest once = Get(At(server));
  once.repeatable = false;
  EXPECT_THAT(Send(*client, once), IsOk());
  RunUntil(loop_, [&] { return server.ended() == 1; });
  EXPECT_THAT(Send(*client, once), IsOk());
  EXPECT_EQ(server.accepted(), 2u);
}

TEST_F(PooledHttpClientTest, RefusesAReplyThatIsLongerThanItSays) {
  ScriptedServer server({{{std::string(kOk) + kOk}}, {{kOk}}});
  const auto client = MakeClient();
  EXPECT_THAT(Send(*client, Get(At(server))),
              FailsWith(ErrorCode::kUnavailable,
                        "reading the reply of " + At(server) +
                            ": bytes follow the end that it declares"));
  EXPECT_EQ(client->idle_connections(), 0u);
}

// The server closes the kept connection just when the request goes out on it.
TEST_F(PooledHttpClientTest, RepeatsARequestOnceIfAKeptConnectionBreaks) {
  for (const char* method : {"GET", "POST"}) {
    SCOPED_TRACE(method);
    ScriptedServer server({{{kOk}, {"", true}}, {{kOk}}});
    const auto client = MakeClient();
    ClientRequest request = Get(At(server));
    request.method = method;
    EXPECT_THAT(Send(*client, request), IsOk());
    EXPECT_THAT(Send(*client, request), IsOk());
    EXPECT_EQ(server.accepted(), 2u);
    EXPECT_EQ(server.requests().size(), 3u);
  }
}

TEST_F(PooledHttpClientTest, RepeatsNothingElse) {
  const struct {
    const char* what;
    std::vector<ScriptedServer::Script> scripts;
    bool repeatable;
    std::size_t requests;
    const char* step;
    const char* why;
  } kCases[] = {
      {"a new connection",
       {{{"", true}}},
       true,
       1,
       "reading the reply of ",
       "the connection ended without a reply"},
      {"a new connection, the second time",
       {{{kOk}, {"", true}}, {{"", true}}},
       true,
       3,
       "reading the reply of ",
       "the connection ended without a reply"},
      {"a reply that has begun",
       {{{kOk}, {"HTTP", true}}, {{kOk}}},
       true,
       2,
       "reading the reply of ",
       "the connection ended within its head"},
      {"not repeatable",
       {{{kOk}, {"", true}}, {{kOk}}},
       false,
       2,
       "reading the reply of ",
       "the connection ended without a reply"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.what);
    ScriptedServer server(c.scripts);
    const auto client = MakeClient();
    ClientRequest request = Get(At(server));
    request.repeatable = c.repeatable;
    if (c.requests > 1) {
      EXPECT_THAT(Send(*client, request), IsOk());
    }
    EXPECT_THAT(
        Send(*client, request),
        FailsWith(ErrorCode::kUnavailable, c.step + At(server) + ": " + c.why));
    EXPECT_EQ(server.requests().size(), c.requests);
    EXPECT_EQ(client->idle_connections(), 0u);
  }
}

TEST_F(PooledHttpClientTest, ARequestBeyondTheBoundWaitsWithinItsDeadline) {
  ScriptedServer server({{{""}}, {{kOk}}});  // the first is never answered
  PooledHttpClient::Options options;
  options.max_connections = 1;
  const auto client = MakeClient(options);
  const auto first = StartTask(loop_, Sending(*client, Get(At(server))));
  RunUntil(loop_, [&] { return server.accepted() == 1; });
  clock_.Advance(std::chrono::seconds(1));
  const auto second = StartTask(loop_, Sending(*client, Get(At(server))));
  clock_.Advance(std::chrono::seconds(4));
  RunUntil(loop_, [&] { return first->has_value() && second->has_value(); });
  EXPECT_EQ((**first).error().code, ErrorCode::kDeadlineExceeded);
  ASSERT_THAT(**second, IsOk());
  EXPECT_EQ((**second)->body, "ok");
  EXPECT_EQ(server.accepted(), 2u);
}

TEST_F(PooledHttpClientTest, AWaitForAConnectionEndsAtTheDeadline) {
  ScriptedServer server({{{""}}});
  PooledHttpClient::Options options;
  options.max_connections = 1;
  const auto client = MakeClient(options);
  const auto first = StartTask(
      loop_, SendAndGather(*client, Get(At(server)),
                           clock_.Now() + std::chrono::seconds(9), 1 << 20));
  RunUntil(loop_, [&] { return server.accepted() == 1; });
  const auto second = StartTask(loop_, Sending(*client, Get(At(server))));
  clock_.Advance(std::chrono::seconds(5));
  RunUntil(loop_, [&] { return second->has_value(); });
  EXPECT_THAT(**second, FailsWith(ErrorCode::kDeadlineExceeded,
                                  "waiting for a connection to " + At(server) +
                                      ": the time for it ran out"));
  clock_.Advance(std::chrono::seconds(4));
  RunUntil(loop_, [&] { return first->has_value(); });
}

TEST_F(PooledHttpClientTest, KeepsNoMoreIdleConnectionsThanToldTo) {
  ScriptedServer server({{{kOk}, {kOk}}});
  PooledHttpClient::Options options;
  options.max_idle_connections = 2;
  const auto client = MakeClient(options);
  std::vector<std::shared_ptr<std::optional<Result<ClientResponse>>>> answers;
  for (int i = 0; i < 5; ++i) {
    answers.push_back(StartTask(loop_, Sending(*client, Get(At(server)))));
  }
  for (const auto& answer : answers) {
    RunUntil(loop_, [&] { return answer->has_value(); });
    EXPECT_THAT(**answer, IsOk());
  }
  EXPECT_EQ(server.accepted(), 5u);
  EXPECT_EQ(client->idle_connections(), 2u);
  RunUntil(loop_, [&] { return server.ended() == 3; });
}

TEST_F(PooledHttpClientTest, ClosesAConnectionThatWaitedTooLong) {
  ScriptedServer server({{{kOk}, {kOk}}});
  PooledHttpClient::Options options;
  options.idle_timeout = std::chrono::seconds(30);
  const auto client = MakeClient(options);
  EXPECT_THAT(Send(*client, Get(At(server))), IsOk());
  clock_.Advance(std::chrono::seconds(20));
  EXPECT_THAT(Send(*client, Get(At(server))), IsOk());
  EXPECT_EQ(server.accepted(), 1u);
  clock_.Advance(std::chrono::seconds(29));
  EXPECT_EQ(client->idle_connections(), 1u);
  clock_.Advance(std::chrono::seconds(1));
  EXPECT_EQ(client->idle_connections(), 0u);
  RunUntil(loop_, [&] { return server.ended() == 1; });
}

TEST_F(PooledHttpClientTest, EndsAtTheDeadlineWhereverItIs) {
  const std::string head = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n";
  const struct {
    const char* what;
    std::string answer;
    const char* step;
  } kCases[] = {
      {"no reply", "", "waiting for "},
      {"half a body", head + "hello", "reading the reply of "},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.what);
    ScriptedServer server({{{c.answer}}});
    const auto client = MakeClient();
    std::size_t pieces = 0;
    const auto answer = StartTask(
        loop_,
        client->Send(Get(At(server)), clock_.Now() + std::chrono::seconds(5),
                     [&](const ResponseHead&, std::string_view) {
                       ++pieces;
                       return Result<Done>(Done{});
                     }));
    RunUntil(loop_, [&] { return server.requests().size() == 1; });
    RunUntil(loop_, [&] { return c.answer.empty() || pieces == 1; });
    clock_.Advance(std::chrono::milliseconds(4999));
    EXPECT_FALSE(answer->has_value());
    clock_.Advance(std::chrono::milliseconds(1));
    RunUntil(loop_, [&] { return answer->has_value(); });
    EXPECT_THAT(**answer,
                FailsWith(ErrorCode::kDeadlineExceeded,
                          c.step + At(server) + ": the time for it ran out"));
    RunUntil(loop_, [&] { return server.ended() == 1; });
    EXPECT_EQ(client->idle_connections(), 0u);
  }
}

TEST_F(PooledHttpClientTest, SendsNothingAfterTheDeadline) {
  ScriptedServer server({{{kOk}}});
  const auto client = MakeClient();
  EXPECT_THAT(
      AwaitTask(loop_,
                SendAndGather(*client, Get(At(server)), clock_.Now(), 10)),
      FailsWith(ErrorCode::kDeadlineExceeded,
                "sending to " + At(server) + ": the time for it ran out"));
  EXPECT_EQ(server.accepted(), 0u);
}

TEST_F(PooledHttpClientTest, StopsAndClosesWhenItsTaskIsCancelled) {
  ScriptedServer server({{{"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhe"}}});
  const auto client = MakeClient();
  bool returned = false;
  bool ended = false;
  Running running = Spawn(
      loop_.get_executor(),
      [](PooledHttpClient& c, ClientRequest request, TimePoint deadline,
         bool& out) -> Task<void> {
        const Result<ClientResponse> response =
            co_await SendAndGather(c, std::move(request), deadline, 10);
        out = true;
      }(*client, Get(At(server)), clock_.Now() + std::chrono::hours(1),
                    returned),
      [&ended] { ended = true; });
  RunUntil(loop_, [&] { return server.requests().size() == 1; });
  EXPECT_EQ(server.ended(), 0u);
  running.Cancel();
  RunUntil(loop_, [&] { return ended && server.ended() == 1; });
  EXPECT_FALSE(returned);
  EXPECT_EQ(client->idle_connections(), 0u);
}

TEST_F(PooledHttpClientTest, StopsForTheSinkAndClosesTheConnection) {
  ScriptedServer server({{{kOk}, {kOk}}});
  const auto client = MakeClient();
  EXPECT_THAT(AwaitTask(loop_, SendAndGather(
                                   *client, Get(At(server)),
                                   clock_.Now() + std::chrono::seconds(5), 1)),
              FailsWith(ErrorCode::kTooLarge, "the reply of " + At(server) +
                                                  " is larger than 1 bytes"));
  RunUntil(loop_, [&] { return server.ended() == 1; });
  EXPECT_EQ(client->idle_connections(), 0u);
}

TEST_F(PooledHttpClientTest, StreamsALargeBodyInBoundedPieces) {
  const std::string body(8 << 20, 'x');
  ScriptedServer server({{{"HTTP/1.1 200 OK\r\nContent-Length: " +
                           std::to_string(body.size()) + "\r\n\r\n" + body}}});
  const auto client = MakeClient();
  std::size_t total = 0;
  std::size_t largest = 0;
  EXPECT_THAT(
      AwaitTask(
          loop_,
          client->Send(Get(At(server)), clock_.Now() + std::chrono::seconds(5),
                       [&](const ResponseHead&, std::string_view piece) {
                         total += piece.size();
                         largest = std::max(largest, piece.size());
                         return Result<Done>(Done{});
                       })),
      IsOk());
  EXPECT_EQ(total, body.size());
  EXPECT_LE(largest, 64u * 1024);
}

TEST_F(PooledHttpClientTest, UndoesGzipThatTheRequestAskedFor) {
  const std::string packed = Gzip("plain text");
  const std::string reply =
      "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: " +
      std::to_string(packed.size()) + "\r\n\r\n" + packed;
  ScriptedServer server({{{reply}, {reply}}});
  const auto client = MakeClient();
  ClientRequest request = Get(At(server));
  request.headers.Add("Accept-Encoding", "deflate, gzip;q=0.5");
  const Result<ClientResponse> response = Send(*client, request);
  ASSERT_THAT(response, IsOk());
  EXPECT_EQ(response->body, "plain text");
  request.headers.Set("Accept-Encoding", "identity");
  EXPECT_THAT(Send(*client, request),
              FailsWith(ErrorCode::kUnavailable,
                        HasSubstr("content coding \"gzip\", which was not "
                                  "asked for")));
}

TEST_F(PooledHttpClientTest, TriesAllAddressesOfAName) {
  // "localhost" is 127.0.0.1 and often ::1 too, where nobody listens on this
  // port.
  ScriptedServer server({{{kOk}}});
  const auto client = MakeClient();
  EXPECT_THAT(
      Send(*client, Get("http://localhost:" + std::to_string(server.port()))),
      IsOk());
  EXPECT_THAT(server.requests()[0], HasSubstr("\r\nHost: localhost:"));
}

TEST_F(PooledHttpClientTest, SpeaksOverIpv6) {
  ScriptedServer::Options options;
  options.address = "::1";
  ScriptedServer server({{{kOk}}}, options);
  const auto client = MakeClient();
  EXPECT_THAT(
      Send(*client, Get("http://[::1]:" + std::to_string(server.port()))),
      IsOk());
  EXPECT_THAT(server.requests()[0],
              HasSubstr("\r\nHost: [::1]:" + std::to_string(server.port())));
}

// A port of this machine on which nobody listens, as its owner does not.
class SilentPort {
 public:
  SilentPort() : fd_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* raw = reinterpret_cast<sockaddr*>(&address);
    bind(fd_, raw, size);
    getsockname(fd_, raw, &size);
    port_ = std::to_string(ntohs(address.sin_port));
  }
  ~SilentPort() { close(fd_); }
  SilentPort(const SilentPort&) = delete;
  SilentPort& operator=(const SilentPort&) = delete;

  const std::string& port() const { return port_; }

 private:
  int fd_;
  std::string port_;
};

TEST_F(PooledHttpClientTest, SaysWhyItCannotConnect) {
  const SilentPort silent;
  const auto client = MakeClient();
  const std::string address = "http://127.0.0.1:" + silent.port();
  EXPECT_THAT(
      Send(*client, Get("http://user:secret@127.0.0.1:" + silent.port())),
      FailsWith(ErrorCode::kUnavailable,
                "connecting to " + address + ": connection refused"));
  const std::string name = "http://localhost:" + silent.port();
  EXPECT_THAT(Send(*client, Get(name)),
              FailsWith(ErrorCode::kUnavailable,
                        AllOf(StartsWith("connecting to " + name +
                                         ": connection refused ("),
                              HasSubstr("127.0.0.1"))));
  // Too long for DNS, so no name server is asked.
  const std::string unknown = "http://" + std::string(70, 'x') + ".test";
  EXPECT_THAT(Send(*client, Get(unknown)),
              FailsWith(ErrorCode::kUnavailable,
                        "connecting to " + unknown + ": no such host"));
}

TEST_F(PooledHttpClientTest, SaysWhatItCannotSend) {
  const auto client = MakeClient();
  ClientRequest request = Get("http://127.0.0.1:1");
  request.headers.Add("X", "a\nb");
  EXPECT_THAT(Send(*client, request),
              FailsWith(ErrorCode::kInvalidArgument,
                        "cannot send the request: the header X holds a "
                        "control character"));
}

}  // namespace
}  // namespace sextant::net
