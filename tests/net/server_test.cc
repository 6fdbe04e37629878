#include "sextant/net/server.h"

#include <gmock/gmock.h>
#include <sys/resource.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>
#include <string>
#include <vector>

#include "sextant/base/spawn.h"
#include "support/result_matchers.h"
#include "support/smuggling.h"
#include "support/test_server.h"
#include "support/tls_client.h"

namespace sextant::net {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

std::string Get(const std::string& target) {
  return "GET " + target + " HTTP/1.1\r\nHost: x\r\n\r\n";
}

std::string Plain(int status, const std::string& phrase,
                  const std::string& connection, const std::string& body) {
  return "HTTP/1.1 " + std::to_string(status) + " " + phrase +
         "\r\nContent-Type: text/plain\r\n"
         "Date: Thu, 01 Jan 1970 00:00:00 GMT\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n" + connection + "\r\n" + body;
}

TEST(Server, AnswersAndKeepsTheConnection) {
  TestServer test;
  TlsClient client(test.loop, test.server->port());
  ASSERT_TRUE(client.connected());
  EXPECT_EQ(client.Alpn(), "http/1.1");
  for (const std::string target : {"/a?b=c", "/d"}) {
    client.Send(Get(target));
    EXPECT_EQ(client.ReceiveReply(),
              Plain(200, "OK", "", "GET " + target + " 0\n"));
  }
  EXPECT_EQ(test.server->connections(), 1U);
  EXPECT_EQ(test.requests[0].peer_address, "127.0.0.1");
  EXPECT_EQ(test.requests[0].peer_certificate, nullptr);
  client.Close();
  client.Until([&] { return test.server->connections() == 0; });
  EXPECT_EQ(test.server->connections(), 0U);
}

// Go's clients keep an idle connection for 90 s.
TEST(Server, AnswersOnAConnectionThatWasIdleForLong) {
  TestServer test;
  TlsClient client(test.loop, test.server->port());
  for (const char* target : {"/a", "/b", "/c"}) {
    SCOPED_TRACE(target);
    client.Send(Get(target));
    EXPECT_THAT(client.ReceiveReply(),
                ::testing::EndsWith("GET " + std::string(target) + " 0\n"));
    test.clock.Advance(std::chrono::seconds(85));
  }
  EXPECT_EQ(test.server->connections(), 1U);
  EXPECT_FALSE(client.Ended());
}

TEST(Server, TellsItsAddress) {
  for (const auto& [bind, prefix] :
       std::vector<std::pair<std::string, std::string>>{
           {"127.0.0.1", "127.0.0.1:"}, {"::1", "[::1]:"}}) {
    Server::Options options;
    options.bind_address = bind;
    TestServer test(options);
    EXPECT_NE(test.server->port(), 0);
    EXPECT_EQ(test.server->address(),
              prefix + std::to_string(test.server->port()));
  }
}

TEST(Server, SaysWhyItCannotListen) {
  TestServer test;
  const auto handler = [](Request) -> Task<Response> { co_return Response{}; };
  Server::Options options;
  options.port = test.server->port();
  Server second(options, test.loop, *test.tls, test.clock, handler);
  EXPECT_THAT(second.Start(), FailsWith(ErrorCode::kUnavailable,
                                        "cannot listen on 127.0.0.1:" +
                                            std::to_string(options.port) +
                                            ": Address already in use"));
  options.bind_address = "localhost";
  Server third(options, test.loop, *test.tls, test.clock, handler);
  EXPECT_THAT(third.Start(),
              FailsWith(ErrorCode::kInvalidArgument,
                        "cannot listen on \"localhost\": not an IP address"));
}

TEST(Server, TakesAnyServerNameAndHost) {
  TestServer test;
  for (const std::string name : {"", "sextant.monitoring.svc", "other"}) {
    SCOPED_TRACE(name);
    TlsClient::Options options;
    options.server_name = name;
    TlsClient client(test.loop, test.server->port(), options);
    client.Send("GET / HTTP/1.1\r\nHost: 10.0.0.1:443\r\n\r\n");
    EXPECT_THAT(client.ReceiveReply(), StartsWith("HTTP/1.1 200 "));
  }
}

TEST(Server, AnswersPipelinedRequestsInOrder) {
  TestServer test;
  TlsClient client(test.loop, test.server->port());
  client.Send(Get("/1") + Get("/2") + Get("/3"));
  for (const std::string target : {"/1", "/2", "/3"}) {
    EXPECT_THAT(client.ReceiveReply(),
                EndsWith("\r\n\r\nGET " + target + " 0\n"));
  }
}

TEST(Server, AnswersWhatIsPipelinedBehindARequestThatWaits) {
  TestServer test;
  TlsClient client(test.loop, test.server->port());
  client.Send(Get("/hang"));
  client.Until([&] { return test.hanging == 1; });
  client.Send(Get("/2"));
  test.clock.Settle();
  EXPECT_EQ(test.hanging, 1);
  test.Release();
  EXPECT_THAT(client.ReceiveReply(), EndsWith("released\n"));
  EXPECT_THAT(client.ReceiveReply(), EndsWith("GET /2 0\n"));
}

TEST(Server, SendsNoBodyForAHead) {
  TestServer test;
  TlsClient client(test.loop, test.server->port());
  client.Send("HEAD /a HTTP/1.1\r\nHost: x\r\n\r\n" + Get("/b"));
  EXPECT_THAT(client.ReceiveReply(false), HasSubstr("Content-Length: 10\r\n"));
  EXPECT_THAT(client.ReceiveReply(), EndsWith("GET /b 0\n"));
}

TEST(Server, AsksForABodyThatAClientHoldsBack) {
  TestServer test;
  TlsClient client(test.loop, test.server->port());
  client.Send(
      "PUT /a HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
      "Content-Length: 3\r\n\r\n");
  EXPECT_EQ(client.ReceiveReply(), "HTTP/1.1 100 Continue\r\n\r\n");
  client.Send("abc");
  EXPECT_THAT(client.ReceiveReply(), EndsWith("PUT /a 3\n"));
}

TEST(Server, EndsTheConnectionWhenAsked) {
  TestServer test;
  for (const std::string request :
       {"GET / HTTP/1.0\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"}) {
    SCOPED_TRACE(request);
    TlsClient client(test.loop, test.server->port());
    client.Send(request);
    EXPECT_EQ(client.ReceiveAll(),
              Plain(200, "OK", "Connection: close\r\n", "GET / 0\n"));
  }
}

TEST(Server, EndsTheConnectionWhenTheHandlerWantsIt) {
  TestServer test;
  TlsClient client(test.loop, test.server->port());
  // What is pipelined behind is not answered any more.
  client.Send(Get("/leave") + Get("/more"));
  EXPECT_EQ(client.ReceiveAll(),
            Plain(401, "Unauthorized", "Connection: close\r\n", "left\n"));
  EXPECT_THAT(test.Targets(), ElementsAre("/leave"));
}

TEST(Server, SendsALargeBodyToASlowReader) {
  TestServer test;
  TlsClient client(test.loop, test.server->port());
  client.Send(Get("/large"));
  test.clock.Settle();
  const std::string reply = client.ReceiveReply();
  EXPECT_THAT(reply,
              EndsWith("\r\n\r\n" + std::string(TestServer::kLarge, 'x')));
}

TEST(Server, TurnsAnExceptionIntoA500) {
  TestServer test;
  TlsClient client(test.loop, test.server->port());
  client.Send(Get("/throw") + Get("/after"));
  const std::string reply = client.ReceiveReply();
  EXPECT_THAT(reply, StartsWith("HTTP/1.1 500 Internal Server Error\r\n"));
  EXPECT_THAT(reply, Not(HasSubstr("broken")));
  EXPECT_THAT(client.ReceiveReply(), StartsWith("HTTP/1.1 200 "));
}

TEST(Server, NeverRunsASmuggledRequest) {
  TestServer test;
  for (const SmugglingCase& c : SmugglingCases()) {
    SCOPED_TRACE(c.what);
    test.requests.clear();
    TlsClient client(test.loop, test.server->port());
    client.Send(c.bytes);
    if (c.refused_with != 0) {
      const std::string reply = client.ReceiveAll();
      EXPECT_THAT(reply,
                  StartsWith("HTTP/1.1 " + std::to_string(c.refused_with)));
      EXPECT_THAT(reply, HasSubstr("\r\nConnection: close\r\n"));
      EXPECT_THAT(test.Targets(), IsEmpty());
    } else {
      EXPECT_THAT(
          client.ReceiveReply(),
          EndsWith(" " + std::to_string(SmuggledRequest().size()) + "\n"));
      client.Send(Get("/next"));
      EXPECT_THAT(client.ReceiveReply(), EndsWith("GET /next 0\n"));
      ASSERT_EQ(test.requests.size(), 2U);
      EXPECT_EQ(test.requests[0].body, SmuggledRequest());
    }
  }
}

TEST(Server, ParsesNothingAfterARefusal) {
  TestServer test;
  TlsClient client(test.loop, test.server->port());
  client.Send("GET / HTTP/1.1\r\n\r\n" + Get("/same-record"));
  client.ReceiveUntil("missing Host");
  client.Send(Get("/later"));
  const std::string reply = client.ReceiveAll();
  EXPECT_THAT(reply, StartsWith("HTTP/1.1 400 Bad Request\r\n"));
  EXPECT_THAT(reply, EndsWith("\r\n\r\nmissing Host\n"));
  EXPECT_THAT(test.Targets(), IsEmpty());
}

TEST(Server, RefusesALargeBodyBeforeItHasArrived) {
  TestServer test;
  TlsClient client(test.loop, test.server->port());
  client.Send(
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 300000000\r\n\r\n");
  EXPECT_THAT(client.ReceiveAll(),
              StartsWith("HTTP/1.1 413 Content Too Large\r\n"));

  TlsClient chunked(test.loop, test.server->port());
  chunked.Send(
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
  const std::string chunk = "10000\r\n" + std::string(0x10000, 'x') + "\r\n";
  for (int i = 0; i < 4000 && chunked.Send(chunk); ++i) {
    chunked.Poll();
    if (!chunked.received().empty()) break;
  }
  EXPECT_THAT(chunked.ReceiveReply(),
              StartsWith("HTTP/1.1 413 Content Too Large\r\n"));
  EXPECT_THAT(test.Targets(), IsEmpty());
}

TEST(Server, RefusesAnEndlessHeaderLineEarly) {
  TestServer test;
  TlsClient client(test.loop, test.server->port());
  client.Send("GET / HTTP/1.1\r\nX-Long: ");
  const std::string piece(16 * 1024, 'a');
  for (int i = 0; i < 4000 && client.Send(piece); ++i) {
    client.Poll();
    if (!client.received().empty()) break;
  }
  EXPECT_THAT(client.ReceiveReply(), StartsWith("HTTP/1.1 431 "));
}

TEST(Server, TellsAPlainHttpClientWhatIsWrong) {
  TestServer test;
  TlsClient::Options options;
  options.tls = false;
  TlsClient client(test.loop, test.server->port(), options);
  client.Send(Get("/"));
  EXPECT_EQ(client.ReceiveAll(),
            "HTTP/1.0 400 Bad Request\r\n\r\n"
            "Client sent an HTTP request to an HTTPS server.\n");
}

TEST(Server, RefusesTlsBefore12) {
  TestServer test;
  TlsClient::Options options;
  options.max_version = TLS1_1_VERSION;
  EXPECT_FALSE(TlsClient(test.loop, test.server->port(), options).connected());
  options.max_version = TLS1_2_VERSION;
  TlsClient client(test.loop, test.server->port(), options);
  client.Send(Get("/"));
  EXPECT_THAT(client.ReceiveReply(), StartsWith("HTTP/1.1 200 "));
}

// What a client does, and after which time it is cut off.
TEST(Server, CutsOffWhoIsTooSlow) {
  struct Case {
    std::string what;
    std::string sent;
    Duration after;
    bool tls = true;
  };
  const Server::Options defaults;
  for (const Case& c : std::vector<Case>{
           {"no handshake", "", defaults.handshake_timeout, false},
           {"no request", "", defaults.idle_timeout},
           {"half a head", "GET / HT", defaults.header_timeout},
           {"half a body",
            "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc",
            defaults.body_timeout},
           {"reply not taken", Get("/large"), defaults.write_timeout},
       }) {
    SCOPED_TRACE(c.what);
    TestServer test;
    TlsClient::Options options;
    options.tls = c.tls;
    TlsClient client(test.loop, test.server->port(), options);
    client.Send(c.sent);
    client.Until([&] { return test.server->connections() == 1; });
    // What was sent may take a turn of the loop or two to be seen.
    client.Until([&, turns = 0]() mutable { return ++turns > 20; });
    test.clock.Advance(c.after - std::chrono::milliseconds(1001));
    EXPECT_EQ(test.server->connections(), 1U);
    test.clock.Advance(std::chrono::seconds(2));
    EXPECT_EQ(test.server->connections(), 0U);
  }
}

TEST(Server, CutsOffAHeadThatTrickles) {
  TestServer test;
  TlsClient client(test.loop, test.server->port());
  const std::string head = Get("/" + std::string(100, 'a'));
  std::size_t sent = 0;
  while (sent < head.size() && client.Send(head.substr(sent, 1))) {
    ++sent;
    client.Until([&, turns = 0]() mutable { return ++turns > 3; });
    test.clock.Advance(std::chrono::seconds(1));
    if (client.Ended()) break;
  }
  EXPECT_GE(sent, 10U);
  EXPECT_LE(sent, 13U);
  EXPECT_THAT(test.Targets(), IsEmpty());
}

TEST(Server, DoesNotCutOffAHandlerThatTakesItsTime) {
  TestServer test;
  TlsClient client(test.loop, test.server->port());
  client.Send(Get("/hang"));
  client.Until([&] { return test.hanging == 1; });
  test.clock.Advance(std::chrono::hours(1));
  test.Release();
  EXPECT_THAT(client.ReceiveReply(), EndsWith("released\n"));
}

TEST(Server, ClosesConnectionsAboveTheLimitAtOnce) {
  Server::Options options;
  options.max_connections = 2;
  TestServer test(options);
  auto first = std::make_unique<TlsClient>(test.loop, test.server->port());
  TlsClient second(test.loop, test.server->port());
  EXPECT_FALSE(TlsClient(test.loop, test.server->port()).connected());
  first.reset();
  second.Until([&] { return test.server->connections() == 1; });
  EXPECT_TRUE(TlsClient(test.loop, test.server->port()).connected());
}

TEST(Server, SurvivesRunningOutOfFiles) {
  TestServer test;
  TlsClient first(test.loop, test.server->port());
  rlimit before{};
  getrlimit(RLIMIT_NOFILE, &before);
  // The client gets the last descriptor; the server has none for its side.
  TlsClient::Options options;
  options.tls = false;
  rlimit none = before;
  TlsClient second(test.loop, test.server->port(), options);
  second.Until([&] { return test.server->connections() == 2; });
  const int probe = dup(0);
  close(probe);
  none.rlim_cur = static_cast<rlim_t>(probe) + 1;
  setrlimit(RLIMIT_NOFILE, &none);
  TlsClient third(test.loop, test.server->port(), options);
  third.Until([&, turns = 0]() mutable { return ++turns > 20; });
  EXPECT_EQ(test.server->connections(), 2U);
  first.Send(Get("/"));
  EXPECT_THAT(first.ReceiveReply(), StartsWith("HTTP/1.1 200 "));
  setrlimit(RLIMIT_NOFILE, &before);
  test.clock.Advance(std::chrono::seconds(1));
  third.Until([&] { return test.server->connections() == 3; });
  EXPECT_EQ(test.server->connections(), 3U);
}

TEST(Server, CancelsARequestWhoseClientGoesAway) {
  TestServer test;
  TlsClient client(test.loop, test.server->port());
  client.Send(Get("/hang"));
  client.Until([&] { return test.hanging == 1; });
  client.Close();
  client.Until([&] { return test.cancelled == 1; });
  EXPECT_EQ(test.cancelled, 1);
  client.Until([&] { return test.server->connections() == 0; });
  EXPECT_EQ(test.server->connections(), 0U);
}

TEST(Server, DrainsByLettingRequestsInFlightEnd) {
  TestServer test;
  TlsClient idle(test.loop, test.server->port());
  TlsClient busy(test.loop, test.server->port());
  busy.Send(Get("/hang"));
  busy.Until([&] { return test.hanging == 1; });
  bool drained = false;
  Spawn(test.loop.get_executor(),
        test.server->Drain(test.clock.Now() + std::chrono::seconds(30)),
        [&] { drained = true; });
  idle.Until([&] { return idle.Ended(); });
  EXPECT_TRUE(idle.Ended());
  EXPECT_FALSE(TlsClient(test.loop, test.server->port()).connected());
  EXPECT_FALSE(drained);
  test.Release();
  EXPECT_EQ(busy.ReceiveAll(),
            Plain(200, "OK", "Connection: close\r\n", "released\n"));
  busy.Close();
  idle.Until([&] { return drained; });
  EXPECT_TRUE(drained);
}

TEST(Server, DrainsNoLongerThanItsDeadline) {
  TestServer test;
  TlsClient client(test.loop, test.server->port());
  client.Send(Get("/hang"));
  client.Until([&] { return test.hanging == 1; });
  bool drained = false;
  Spawn(test.loop.get_executor(),
        test.server->Drain(test.clock.Now() + std::chrono::seconds(30)),
        [&] { drained = true; });
  test.clock.Advance(std::chrono::seconds(29));
  EXPECT_FALSE(drained);
  test.clock.Advance(std::chrono::seconds(1));
  EXPECT_TRUE(drained);
  EXPECT_EQ(test.cancelled, 1);
  EXPECT_EQ(client.ReceiveAll(), "");
}

TEST(Server, EndsEverythingWhenItIsDestroyed) {
  TestServer test;
  TlsClient idle(test.loop, test.server->port());
  TlsClient busy(test.loop, test.server->port());
  busy.Send(Get("/hang"));
  busy.Until([&] { return test.hanging == 1; });
  test.server.reset();
  test.clock.Settle();
  EXPECT_EQ(test.cancelled, 1);
  EXPECT_TRUE(idle.Ended());
  EXPECT_TRUE(busy.Ended());
}

// Waits for ever, holding on to `begun`.
Task<Response> Hang(std::shared_ptr<bool> begun) {
  boost::asio::steady_timer never(co_await boost::asio::this_coro::executor,
                                  boost::asio::steady_timer::time_point::max());
  *begun = true;
  co_await never.async_wait(boost::asio::use_awaitable);
  co_return Response{};
}

// What still hangs unwinds with the loop, when server, clock and certificate
// are gone; that it touches none of them is for the sanitizers to judge.
TEST(Server, MayBeDestroyedTogetherWithItsLoop) {
  const auto begun = std::make_shared<bool>(false);
  {
    boost::asio::io_context loop;
    FakeClock clock(loop);
    const auto tls = *ServingTls::Create(TestCa().IssueServer({"localhost"}));
    Server server(Server::Options(), loop, *tls, clock,
                  [begun](const Request&) { return Hang(begun); });
    ASSERT_THAT(server.Start(), IsOk());
    TlsClient client(loop, server.port());
    client.Send(Get("/"));
    client.Until([&] { return *begun; });
    ASSERT_TRUE(*begun);
  }
  EXPECT_EQ(begun.use_count(), 1);
}

}  // namespace
}  // namespace sextant::net
