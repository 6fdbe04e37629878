#include "net/http2_session.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "support/http2_client.h"

namespace sextant::net {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

constexpr TimePoint kStart{};

// A session and a client that talk without a network.
class Pair2 {
 public:
  explicit Pair2(Http2Limits limits = {}) : session(limits) {}

  // Carries bytes both ways until nobody has any.  False if the session gave
  // the connection up.
  bool Exchange(TimePoint now = kStart) {
    bool good = true;
    for (;;) {
      const std::string to = client.Output();
      if (!to.empty()) good = session.Receive(to, now) && good;
      std::string from;
      good = session.Send(from, 1 << 20, now) && good;
      client.Input(from);
      if (to.empty() && from.empty()) return good;
    }
  }

  Http2Session session;
  Http2Peer client;
};

TEST(Http2Session, GivesARequestAndSendsItsReply) {
  Pair2 both;
  const std::int32_t stream = both.client.Submit(
      "POST", "/a%20b?c", {{"x-a", "one"}, {"x-a", "two"}}, "hello");
  EXPECT_TRUE(both.Exchange());
  std::vector<Http2Session::Arrived> arrived = both.session.TakeRequests();
  ASSERT_EQ(arrived.size(), 1U);
  EXPECT_EQ(arrived[0].request.method, "POST");
  EXPECT_EQ(arrived[0].request.target, "/a%20b?c");
  EXPECT_EQ(arrived[0].request.body, "hello");
  EXPECT_THAT(
      arrived[0].request.headers.fields(),
      ElementsAre(Pair("x-a", "one"), Pair("x-a", "two"), Pair("host", "x")));

  Response response = Response::Of(200, "application/json", "{}");
  response.headers.Add("Audit-Id", "1");
  response.headers.Add("Connection", "close");
  both.session.Respond(arrived[0].stream, response, "today", kStart);
  EXPECT_TRUE(both.Exchange());
  const Http2Peer::Reply& reply = both.client.replies[stream];
  EXPECT_THAT(reply.fields,
              ElementsAre(Pair(":status", "200"),
                          Pair("content-type", "application/json"),
                          Pair("audit-id", "1"), Pair("date", "today"),
                          Pair("content-length", "2")));
  EXPECT_EQ(reply.body, "{}");
  EXPECT_TRUE(reply.closed);
  EXPECT_EQ(both.session.open_streams(), 0U);
  EXPECT_THAT(both.session.TakeClosed(), ElementsAre(stream));
}

TEST(Http2Session, SendsNoBodyForAHeadAnd304) {
  Pair2 both;
  const std::int32_t head = both.client.Submit("HEAD", "/");
  const std::int32_t fresh = both.client.Submit("GET", "/");
  both.Exchange();
  both.session.Respond(head, Response::Of(200, "text/plain", "abc"), "",
                       kStart);
  both.session.Respond(fresh, Response::Of(304, "text/plain", "abc"), "",
                       kStart);
  both.Exchange();
  EXPECT_EQ(both.client.replies[head].body, "");
  EXPECT_EQ(both.client.replies[head].Field("content-length"), "3");
  EXPECT_EQ(both.client.replies[fresh].body, "");
  EXPECT_EQ(both.client.replies[fresh].Field("content-length"), "");
}

TEST(Http2Session, SendsALargeBodyAsTheClientTakesIt) {
  Pair2 both;
  const std::int32_t stream = both.client.Submit("GET", "/");
  both.Exchange();
  const std::string body(3 << 20, 'x');
  both.session.Respond(stream, Response::Of(200, "text/plain", body), "",
                       kStart);
  both.Exchange();
  EXPECT_EQ(both.client.replies[stream].body, body);
}

// What is wrong with a request, and the status of the reply.  Requests that
// break HTTP/2 itself are reset and have none.
TEST(Http2Session, RefusesWhatIsNotBeyondDoubt) {
  struct Case {
    std::string what;
    std::string path;
    Http2Peer::Fields fields;
    std::string body;
    std::string status;
    std::string authority = "x";
  };
  const std::string long_value(20000, 'a');
  Http2Peer::Fields many;
  for (int i = 0; i < 1000; ++i) many.emplace_back("x-field", "v");
  for (const Case& c : std::vector<Case>{
           {"long value",
            "/",
            {{"x-a", long_value}, {"x-b", long_value}},
            "",
            "431"},
           {"many fields", "/", many, "", "431"},
           {"long path", "/" + std::string(40000, 'a'), {}, "", "431"},
           {"large body", "/", {}, std::string(2 << 20, 'x'), "413"},
           {"another host", "/", {{"host", "y"}}, "", "400"},
           {"two hosts", "/", {{"host", "x"}, {"host", "x"}}, "", ""},
           {"no host", "/", {}, "", "", ""},
           {"path without a slash", "a", {}, "", ""},
           {"empty path", "", {}, "", ""},
           {"transfer coding", "/", {{"transfer-encoding", "chunked"}}, "", ""},
           {"connection", "/", {{"connection", "close"}}, "", ""},
           {"two lengths",
            "/",
            {{"content-length", "1"}, {"content-length", "1"}},
            "a",
            ""},
           {"length too small", "/", {{"content-length", "1"}}, "ab", ""},
           {"length too large", "/", {{"content-length", "3"}}, "ab", ""},
           {"length +n", "/", {{"content-length", "+2"}}, "ab", ""},
           {"line break in a value", "/", {{"x-a", "b\r\nc: d"}}, "", ""},
           {"zero in a value", "/", {{"x-a", std::string("b\0", 2)}}, "", ""},
           {"blank in a name", "/", {{"x a", "b"}}, "", ""},
           {"pseudo field after the others", "/", {{":path", "/b"}}, "", ""},
       }) {
    SCOPED_TRACE(c.what);
    Pair2 both;
    const std::int32_t stream =
        both.client.Submit("POST", c.path, c.fields, c.body, true, c.authority);
    both.Exchange();
    std::vector<Http2Session::Arrived> arrived = both.session.TakeRequests();
    EXPECT_EQ(arrived.size(), 0U);
    EXPECT_EQ(both.client.replies[stream].Status(), c.status);
    EXPECT_TRUE(both.client.replies[stream].closed);
    EXPECT_EQ(both.session.open_streams(), 0U);
  }
}

TEST(Http2Session, DropsTrailers) {
  Pair2 both;
  const std::int32_t stream = both.client.Submit("POST", "/", {}, "abc", false);
  both.Exchange();
  std::string name = "x-remote-user";
  std::string value = "system:admin";
  const nghttp2_nv trailer{reinterpret_cast<std::uint8_t*>(name.data()),
                           reinterpret_cast<std::uint8_t*>(value.data()),
                           name.size(), value.size(), NGHTTP2_NV_FLAG_NONE};
  nghttp2_submit_headers(both.client.session, NGHTTP2_FLAG_END_STREAM, stream,
                         nullptr, &trailer, 1, nullptr);
  both.Exchange();
  std::vector<Http2Session::Arrived> arrived = both.session.TakeRequests();
  ASSERT_EQ(arrived.size(), 1U);
  EXPECT_EQ(arrived[0].request.body, "abc");
  EXPECT_EQ(arrived[0].request.headers.Find(name), nullptr);
}

TEST(Http2Session, ForgetsARequestThatIsResetInTheSameBytes) {
  Pair2 both;
  const std::int32_t stream = both.client.Submit("GET", "/");
  std::string bytes = both.client.Output();
  nghttp2_submit_rst_stream(both.client.session, 0, stream, NGHTTP2_CANCEL);
  bytes += both.client.Output();
  EXPECT_TRUE(both.session.Receive(bytes, kStart));
  EXPECT_THAT(both.session.TakeRequests(), IsEmpty());
  EXPECT_THAT(both.session.TakeClosed(), ElementsAre(stream));
}

TEST(Http2Session, RefusesStreamsAboveTheLimit) {
  Http2Limits limits;
  limits.max_streams = 2;
  Pair2 both(limits);
  std::vector<std::int32_t> streams;
  std::string bytes;
  // All at once, before the client has seen the limit.
  for (int i = 0; i < 3; ++i) streams.push_back(both.client.Submit("GET", "/"));
  both.Exchange();
  EXPECT_EQ(both.session.TakeRequests().size(), 2U);
  EXPECT_EQ(both.client.replies[streams[2]].error, NGHTTP2_REFUSED_STREAM);
}

TEST(Http2Session, GivesUpOnBytesThatAreNotHttp2) {
  Http2Session session({});
  EXPECT_FALSE(session.Receive("GET / HTTP/1.1\r\nHost: x\r\n\r\n", kStart));
}

TEST(Http2Session, LetsStreamsEndAfterGoAway) {
  Pair2 both;
  const std::int32_t stream = both.client.Submit("GET", "/");
  both.Exchange();
  both.session.GoAway(kStart);
  both.Exchange();
  EXPECT_TRUE(both.client.going_away);
  EXPECT_FALSE(both.session.Finished());
  both.session.Respond(stream, Response::Of(200, "text/plain", "a"), "",
                       kStart);
  both.Exchange();
  EXPECT_EQ(both.client.replies[stream].body, "a");
  EXPECT_TRUE(both.session.Finished());
}

TEST(Http2Session, TakesWhatWasOnItsWayWhenTheClientHeardOfGoAway) {
  Pair2 both;
  both.Exchange();
  both.session.GoAway(kStart);
  std::string news;
  ASSERT_TRUE(both.session.Send(news, 1 << 20, kStart));
  const std::int32_t stream = both.client.Submit("GET", "/");
  ASSERT_TRUE(both.session.Receive(both.client.Output(), kStart));
  both.client.Input(news);
  EXPECT_TRUE(both.client.going_away);
  EXPECT_TRUE(both.Exchange());
  EXPECT_FALSE(both.session.Finished());
  ASSERT_EQ(both.session.TakeRequests().size(), 1U);
  both.session.Respond(stream, Response::Of(200, "text/plain", "a"), "",
                       kStart);
  both.Exchange();
  EXPECT_EQ(both.client.replies[stream].body, "a");
  EXPECT_EQ(both.client.last_stream, stream);
  EXPECT_TRUE(both.session.Finished());
}

TEST(Http2Session, FinishesWithAClientThatIsSilentAfterGoAway) {
  Pair2 both;
  both.Exchange();
  both.session.GoAway(kStart);
  std::string unheard;
  both.session.Send(unheard, 1 << 20, kStart);
  const TimePoint end = kStart + Http2Session::kGoodbye;
  both.session.Sweep(end - std::chrono::milliseconds(1));
  EXPECT_FALSE(both.session.Finished());
  both.session.Sweep(end);
  both.session.Send(unheard, 1 << 20, end);
  EXPECT_TRUE(both.session.Finished());
  // A request that comes yet is not taken.
  both.client.Submit("GET", "/");
  both.session.Receive(both.client.Output(), end);
  EXPECT_THAT(both.session.TakeRequests(), IsEmpty());
}

TEST(Http2Session, ResetsWhatTakesTooLong) {
  const Http2Limits limits;
  const Duration moment = std::chrono::milliseconds(1);
  {
    SCOPED_TRACE("a body that does not arrive");
    Pair2 both;
    const std::int32_t stream = both.client.Submit("PUT", "/", {}, "a", false);
    both.Exchange();
    EXPECT_TRUE(both.session.Sweep(kStart + limits.body_timeout - moment));
    both.Exchange();
    EXPECT_FALSE(both.client.replies[stream].closed);
    EXPECT_TRUE(both.session.Sweep(kStart + limits.body_timeout));
    both.Exchange();
    EXPECT_EQ(both.client.replies[stream].error, NGHTTP2_CANCEL);
  }
  {
    SCOPED_TRACE("a header block that does not end");
    Pair2 both;
    both.Exchange();
    // ":method: GET" from the static table, and no END_HEADERS.
    EXPECT_TRUE(both.session.Receive(Http2Frame(1, 0, 1, "\x82"), kStart));
    EXPECT_TRUE(both.session.Sweep(kStart + limits.header_timeout - moment));
    EXPECT_FALSE(both.session.Sweep(kStart + limits.header_timeout));
  }
  {
    SCOPED_TRACE("a reply that is not taken");
    Pair2 both;
    both.client.Submit("GET", "/");
    both.Exchange();
    both.session.Respond(
        1, Response::Of(200, "text/plain", std::string(1 << 20, 'x')), "",
        kStart);
    std::string out;
    EXPECT_TRUE(both.session.Send(out, 1 << 20, kStart));
    EXPECT_TRUE(both.session.Sweep(kStart + limits.write_timeout - moment));
    EXPECT_EQ(both.session.open_streams(), 1U);
    EXPECT_TRUE(both.session.Sweep(kStart + limits.write_timeout));
    EXPECT_TRUE(both.session.Send(out, 1 << 20, kStart));
    EXPECT_EQ(both.session.open_streams(), 0U);
  }
  {
    SCOPED_TRACE("a handler that takes its time");
    Pair2 both;
    both.client.Submit("GET", "/");
    both.Exchange();
    EXPECT_TRUE(both.session.Sweep(kStart + std::chrono::hours(1)));
    EXPECT_EQ(both.session.open_streams(), 1U);
  }
}

TEST(Http2Session, GivesUpAClientThatMakesItAnswerAndReadsNothing) {
  Http2Session session({});
  using std::string_literals::operator""s;
  const std::string preface =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"s + "\0\0\0\4\0\0\0\0\0"s;
  ASSERT_TRUE(session.Receive(preface, kStart));
  // GET https://h/ on stream after stream.  Our SETTINGS are never
  // acknowledged, so each stream above the limit is answered with a reset, not
  // with the end.
  const auto request = [](std::uint32_t stream) {
    std::string frame = "\0\0\6\1\5"s;
    for (int shift = 24; shift >= 0; shift -= 8) {
      frame += static_cast<char>((stream >> shift) & 0xFF);
    }
    return frame + "\x82\x87\x84\x41\x01h";
  };
  std::uint32_t stream = 1;
  while (stream < 20000 && session.Receive(request(stream), kStart)) {
    stream += 2;
  }
  EXPECT_LT(stream, 3000U);
  EXPECT_GT(stream, 200U);
}

}  // namespace
}  // namespace sextant::net
