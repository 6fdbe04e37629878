#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "sextant/base/spawn.h"
#include "sextant/net/server.h"
#include "support/http2_client.h"
#include "support/test_server.h"

namespace sextant::net {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::uint8_t kSettings = 4;
constexpr std::uint8_t kPing = 6;
constexpr std::uint8_t kContinuation = 9;

TEST(ServerHttp2, AnswersManyRequestsOfOneConnection) {
  TestServer test;
  Http2Client client(test.loop, test.server->port());
  EXPECT_EQ(client.tls.Alpn(), "h2");
  std::vector<std::int32_t> streams;
  for (int i = 0; i < 100; ++i) {
    streams.push_back(client.Submit("GET", "/" + std::to_string(i)));
  }
  for (int i = 0; i < 100; ++i) {
    const Http2Peer::Reply reply =
        client.Await(streams[static_cast<std::size_t>(i)]);
    EXPECT_EQ(reply.body, "GET /" + std::to_string(i) + " 0\n");
  }
  EXPECT_EQ(test.requests[0].peer_address, "127.0.0.1");
  EXPECT_EQ(*test.requests[0].headers.Find("Host"), "x");
  client.tls.Close();
  client.tls.Until([&] { return test.server->connections() == 0; });
  EXPECT_EQ(test.server->connections(), 0U);
}

TEST(ServerHttp2, DoesNotLetASlowHandlerHoldTheOthers) {
  TestServer test;
  Http2Client client(test.loop, test.server->port());
  const std::int32_t slow = client.Submit("GET", "/hang");
  const std::int32_t fast = client.Submit("GET", "/fast");
  EXPECT_EQ(client.Await(fast).body, "GET /fast 0\n");
  EXPECT_FALSE(client.replies[slow].closed);
  // A PING is answered while it hangs.
  nghttp2_submit_ping(client.session, 0, nullptr);
  client.Until([&] { return client.pings_answered == 1; });
  EXPECT_EQ(client.pings_answered, 1);
  test.Release();
  EXPECT_EQ(client.Await(slow).body, "released\n");
}

// As the test of HTTP/1.1 does.
TEST(ServerHttp2, AnswersOnAConnectionThatWasIdleForLong) {
  TestServer test;
  Http2Client client(test.loop, test.server->port());
  for (const char* target : {"/a", "/b", "/c"}) {
    SCOPED_TRACE(target);
    const std::int32_t stream = client.Submit("GET", target);
    EXPECT_EQ(client.Await(stream).body, "GET " + std::string(target) + " 0\n");
    test.clock.Advance(std::chrono::seconds(85));
  }
  EXPECT_EQ(test.server->connections(), 1U);
}

TEST(ServerHttp2, SendsALargeBody) {
  TestServer test;
  Http2Client client(test.loop, test.server->port());
  const std::int32_t stream = client.Submit("GET", "/large");
  EXPECT_EQ(client.Await(stream).body.size(), TestServer::kLarge);
}

TEST(ServerHttp2, TurnsAnExceptionIntoA500) {
  TestServer test;
  Http2Client client(test.loop, test.server->port());
  const std::int32_t stream = client.Submit("GET", "/throw");
  EXPECT_EQ(client.Await(stream).Status(), "500");
  EXPECT_EQ(client.Await(client.Submit("GET", "/")).Status(), "200");
}

TEST(ServerHttp2, RefusesLargeBodiesEarlyAndGoesOn) {
  TestServer test;
  Http2Client client(test.loop, test.server->port());
  const std::int32_t stream =
      client.Submit("POST", "/", {}, std::string(20 << 20, 'x'));
  EXPECT_EQ(client.Await(stream).Status(), "413");
  EXPECT_EQ(client.Await(client.Submit("GET", "/a")).Status(), "200");
  EXPECT_THAT(test.Targets(), ElementsAre("/a"));
}

TEST(ServerHttp2, CancelsARequestThatIsReset) {
  TestServer test;
  Http2Client client(test.loop, test.server->port());
  const std::int32_t stream = client.Submit("GET", "/hang");
  client.Until([&] { return test.hanging == 1; });
  nghttp2_submit_rst_stream(client.session, 0, stream, NGHTTP2_CANCEL);
  client.Until([&] { return test.cancelled == 1; });
  EXPECT_EQ(test.cancelled, 1);
  EXPECT_EQ(client.Await(client.Submit("GET", "/a")).Status(), "200");
}

TEST(ServerHttp2, CancelsAllRequestsOfAClientThatGoesAway) {
  TestServer test;
  Http2Client client(test.loop, test.server->port());
  client.Submit("GET", "/hang");
  client.Submit("GET", "/hang");
  client.Until([&] { return test.hanging == 2; });
  client.tls.Close();
  client.tls.Until([&] { return test.cancelled == 2; });
  EXPECT_EQ(test.cancelled, 2);
  client.tls.Until([&] { return test.server->connections() == 0; });
  EXPECT_EQ(test.server->connections(), 0U);
}

TEST(ServerHttp2, SurvivesRapidReset) {
  TestServer test;
  Http2Client client(test.loop, test.server->port());
  client.Exchange();
  for (int round = 0; round < 200 && !client.tls.Ended(); ++round) {
    std::string bytes;
    for (int i = 0; i < 50; ++i) {
      const std::int32_t stream = client.Submit("GET", "/hang");
      bytes += client.Output();
      nghttp2_submit_rst_stream(client.session, 0, stream, NGHTTP2_CANCEL);
      bytes += client.Output();
    }
    if (!client.tls.Send(bytes)) break;
    client.Exchange();
  }
  // nghttp2 has had enough at some point.
  client.Until([&] { return client.going_away; });
  EXPECT_TRUE(client.going_away);
  client.tls.Close();
  client.tls.Until([&] { return test.server->connections() == 0; });
  EXPECT_EQ(test.server->connections(), 0U);
  EXPECT_EQ(test.hanging, 0);
  Http2Client next(test.loop, test.server->port());
  EXPECT_EQ(next.Await(next.Submit("GET", "/a")).Status(), "200");
}

// What is sent after the preface, again and again, and whether the connection
// has to survive it.
TEST(ServerHttp2, SurvivesFloods) {
  struct Case {
    std::string what;
    std::string first;
    std::string frame;
    int times;
    bool survives;
  };
  for (const Case& c : std::vector<Case>{
           {"PING", "", Http2Frame(kPing, 0, 0, "12345678"), 20000, true},
           {"SETTINGS", "", Http2Frame(kSettings, 0, 0, ""), 20000, true},
           {"empty DATA", "POST", Http2Frame(0, 0, 1, ""), 20000, true},
           {"CONTINUATION", Http2Frame(1, 0, 1, "\x82"),
            Http2Frame(kContinuation, 0, 1,
                       std::string("\x00\x01"
                                   "a\x01"
                                   "b",
                                   5)),
            20000, false},
           {"empty CONTINUATION", Http2Frame(1, 0, 1, "\x82"),
            Http2Frame(kContinuation, 0, 1, ""), 20000, false},
       }) {
    SCOPED_TRACE(c.what);
    TestServer test;
    Http2Client client(test.loop, test.server->port());
    client.Exchange();
    if (c.first == "POST") {
      client.Submit("POST", "/", {}, "a", false);
      client.Exchange();
    } else {
      client.tls.Send(c.first);
    }
    std::string burst;
    for (int i = 0; i < 500; ++i) burst += c.frame;
    bool sent = true;
    for (int i = 0; sent && i < c.times / 500; ++i) {
      sent = client.tls.Send(burst);
      client.tls.Poll();
    }
    if (c.survives) {
      EXPECT_TRUE(sent);
      // GET https://x/ by the static table: the client's own session does not
      // expect what the flood has brought it.
      client.tls.Send(Http2Frame(1, 5, 3, "\x82\x87\x84\x41\x01x"));
      client.tls.Until([&] { return !test.requests.empty(); });
      EXPECT_THAT(test.Targets(), ElementsAre("/"));
      EXPECT_FALSE(client.tls.Ended());
    } else {
      client.Until([&] { return client.going_away; });
      EXPECT_TRUE(client.going_away || client.tls.Ended());
      EXPECT_THAT(test.Targets(), IsEmpty());
    }
    Http2Client next(test.loop, test.server->port());
    EXPECT_EQ(next.Await(next.Submit("GET", "/b")).Status(), "200");
  }
}

TEST(ServerHttp2, EndsAConnectionThatIsNotHttp2) {
  TestServer test;
  TlsClient::Options options;
  options.alpn = "h2";
  TlsClient client(test.loop, test.server->port(), options);
  client.Send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  client.ReceiveAll();
  EXPECT_TRUE(client.Ended());
  EXPECT_THAT(test.Targets(), IsEmpty());
}

TEST(ServerHttp2, EndsAnIdleConnection) {
  TestServer test;
  Http2Client client(test.loop, test.server->port());
  client.Await(client.Submit("GET", "/"));
  test.clock.Advance(std::chrono::seconds(85));
  EXPECT_EQ(client.Await(client.Submit("GET", "/")).Status(), "200");
  test.clock.Advance(std::chrono::seconds(119));
  EXPECT_EQ(test.server->connections(), 1U);
  test.clock.Advance(std::chrono::seconds(2));
  client.Until([] { return false; });  // until the server ends its side
  EXPECT_TRUE(client.going_away);
  EXPECT_EQ(test.server->connections(), 1U);
  // Whoever does not close then, is closed.
  test.clock.Advance(std::chrono::seconds(3));
  EXPECT_EQ(test.server->connections(), 0U);
}

TEST(ServerHttp2, CutsOffAClientThatDoesNotRead) {
  TestServer test;
  Http2Client client(test.loop, test.server->port());
  // As much as it takes to fill every buffer on the way.
  nghttp2_session_set_local_window_size(client.session, 0, 0, 1 << 30);
  const nghttp2_settings_entry window{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE,
                                      1 << 30};
  nghttp2_submit_settings(client.session, 0, &window, 1);
  for (int i = 0; i < 4; ++i) client.Submit("GET", "/large");
  client.tls.Send(client.Output());
  client.tls.Until([&] { return test.requests.size() == 4; });
  test.clock.Advance(std::chrono::seconds(29));
  EXPECT_EQ(test.server->connections(), 1U);
  test.clock.Advance(std::chrono::seconds(3));
  EXPECT_EQ(test.server->connections(), 0U);
}

TEST(ServerHttp2, DrainsByLettingRequestsInFlightEnd) {
  TestServer test;
  Http2Client client(test.loop, test.server->port());
  const std::int32_t stream = client.Submit("GET", "/hang");
  client.Until([&] { return test.hanging == 1; });
  bool drained = false;
  Spawn(test.loop.get_executor(),
        test.server->Drain(test.clock.Now() + std::chrono::seconds(30)),
        [&] { drained = true; });
  client.Until([&] { return client.going_away; });
  EXPECT_TRUE(client.going_away);
  EXPECT_EQ(client.going_away_error, NGHTTP2_NO_ERROR);
  EXPECT_FALSE(drained);
  test.Release();
  EXPECT_EQ(client.Await(stream).body, "released\n");
  client.Until([] { return false; });
  client.tls.Close();
  client.tls.Until([&] { return drained; });
  EXPECT_TRUE(drained);
}

// Others of the same connection get their answers; new ones are not taken.
TEST(ServerHttp2, EndsTheConnectionWhenTheHandlerWantsIt) {
  TestServer test;
  Http2Client client(test.loop, test.server->port());
  const std::int32_t slow = client.Submit("GET", "/hang");
  const std::int32_t last = client.Submit("GET", "/leave");
  const std::int32_t again = client.Submit("GET", "/leave");
  EXPECT_EQ(client.Await(last).body, "left\n");
  EXPECT_EQ(client.Await(last).Field("connection"), "");
  EXPECT_EQ(client.Await(again).body, "left\n");
  client.Until([&] { return client.going_away; });
  EXPECT_TRUE(client.going_away);
  EXPECT_EQ(client.going_away_error, NGHTTP2_NO_ERROR);
  EXPECT_FALSE(client.tls.Ended());
  test.Release();
  EXPECT_EQ(client.Await(slow).body, "released\n");
  client.Until([] { return false; });
  EXPECT_TRUE(client.tls.Ended());
  EXPECT_THAT(test.Targets(), ElementsAre("/hang", "/leave", "/leave"));
}

TEST(ServerHttp2, EndsEverythingWhenTheServerIsDestroyed) {
  TestServer test;
  Http2Client client(test.loop, test.server->port());
  client.Submit("GET", "/hang");
  client.Until([&] { return test.hanging == 1; });
  test.server.reset();
  test.clock.Settle();
  EXPECT_EQ(test.cancelled, 1);
  EXPECT_TRUE(client.tls.Ended());
}

}  // namespace
}  // namespace sextant::net
