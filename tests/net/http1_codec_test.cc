#include "net/http1_codec.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <string>
#include <vector>

#include "support/smuggling.h"

namespace sextant::net {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using Step = Http1Decoder::Step;

struct Decoded {
  std::vector<Request> requests;
  int refused_with = 0;
  bool keep_alive = true;

  std::vector<std::string> Targets() const {
    std::vector<std::string> targets;
    for (const Request& r : requests) targets.push_back(r.target);
    return targets;
  }
};

// Feeds `bytes` in pieces of `size`.
Decoded Decode(const std::string& bytes, std::size_t size = 1 << 20,
               Http1Limits limits = {}) {
  Http1Decoder decoder(limits);
  Decoded decoded;
  for (std::size_t at = 0; at < bytes.size(); at += size) {
    decoder.Feed(std::string_view(bytes).substr(at, size));
    for (;;) {
      const Step step = decoder.Next();
      if (step == Step::kRequest) {
        decoded.requests.push_back(decoder.TakeRequest());
        decoded.keep_alive = decoder.keep_alive();
      } else if (step != Step::kContinue) {
        break;
      }
    }
  }
  decoded.refused_with = decoder.refusal().status;
  return decoded;
}

TEST(Http1Decoder, GivesARequestAsItWasSent) {
  const Decoded decoded = Decode(
      "POST /a%20b?c=d HTTP/1.1\r\nHost: h:6443\r\nX-A:  one \r\nx-a: two\r\n"
      "Content-Length: 5\r\n\r\nhello");
  ASSERT_EQ(decoded.requests.size(), 1U);
  const Request& request = decoded.requests[0];
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.target, "/a%20b?c=d");
  EXPECT_EQ(request.body, "hello");
  EXPECT_THAT(request.headers.fields(),
              ElementsAre(Pair("Host", "h:6443"), Pair("X-A", "one"),
                          Pair("x-a", "two"), Pair("Content-Length", "5")));
  EXPECT_TRUE(decoded.keep_alive);
}

TEST(Http1Decoder, SeesTheSameInPiecesOfAnySize) {
  const std::string bytes =
      "GET /1 HTTP/1.1\r\nHost: x\r\n\r\n"
      "POST /2 HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"
      "POST /3 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
      "2;x=y\r\nab\r\n1\r\nc\r\n0\r\nTrailer-Field: v\r\n\r\n"
      "POST /4 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: Chunked\r\n\r\n"
      "0\r\n\r\n"
      "GET /5 HTTP/1.1\r\nHost: x\r\n\r\n";
  for (std::size_t size = 1; size <= bytes.size(); ++size) {
    SCOPED_TRACE(size);
    const Decoded decoded = Decode(bytes, size);
    EXPECT_EQ(decoded.refused_with, 0);
    ASSERT_THAT(decoded.Targets(), ElementsAre("/1", "/2", "/3", "/4", "/5"));
    EXPECT_EQ(decoded.requests[1].body, "abc");
    EXPECT_EQ(decoded.requests[2].body, "abc");
    EXPECT_EQ(decoded.requests[3].body, "");
  }
}

TEST(Http1Decoder, NeverTakesABodyForARequest) {
  for (const SmugglingCase& c : SmugglingCases()) {
    for (const std::size_t size :
         {std::size_t{1}, std::size_t{7}, c.bytes.size()}) {
      if (size == 1 && c.bytes.size() > 50000) continue;
      SCOPED_TRACE(c.what + " in pieces of " + std::to_string(size));
      const Decoded decoded = Decode(c.bytes + SmuggledRequest(), size);
      EXPECT_EQ(decoded.refused_with, c.refused_with);
      if (c.refused_with != 0) {
        EXPECT_THAT(decoded.Targets(), IsEmpty());
        continue;
      }
      // The body is a body, and what follows it is a request.
      ASSERT_EQ(decoded.requests.size(), 2U);
      EXPECT_EQ(decoded.requests[0].body, SmuggledRequest());
      EXPECT_EQ(decoded.requests[1].target, "/smuggled");
    }
  }
}

TEST(Http1Decoder, DropsTrailers) {
  const Decoded decoded = Decode(
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
      "Trailer: X-Remote-User\r\n\r\n"
      "0\r\nX-Remote-User: system:admin\r\n\r\n");
  ASSERT_EQ(decoded.requests.size(), 1U);
  EXPECT_EQ(decoded.requests[0].headers.Find("X-Remote-User"), nullptr);
}

TEST(Http1Decoder, KeepsTheConnectionUnlessToldOtherwise) {
  struct Case {
    std::string head;
    bool keep_alive;
  };
  for (const Case& c : std::vector<Case>{
           {"GET / HTTP/1.1\r\nHost: x\r\n\r\n", true},
           {"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", false},
           {"GET / HTTP/1.1\r\nHost: x\r\nConnection: a, Close\r\n\r\n", false},
           {"GET / HTTP/1.0\r\nHost: x\r\n\r\n", false},
           {"GET / HTTP/1.0\r\n\r\n", false},
           {"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", false},
       }) {
    SCOPED_TRACE(c.head);
    const Decoded decoded = Decode(c.head);
    EXPECT_EQ(decoded.requests.size(), 1U);
    EXPECT_EQ(decoded.keep_alive, c.keep_alive);
  }
}

TEST(Http1Decoder, UnderstandsEveryFormOfTargetAServerGets) {
  struct Case {
    std::string line;
    std::string target;
    std::string host;
  };
  for (const Case& c : std::vector<Case>{
           {"GET /a HTTP/1.1", "/a", "x"},
           {"GET http://other:1/a?b HTTP/1.1", "/a?b", "other:1"},
           {"GET HTTPS://other HTTP/1.1", "/", "other"},
           {"GET http://other?b HTTP/1.1", "/?b", "other"},
           {"OPTIONS * HTTP/1.1", "*", "x"},
       }) {
    SCOPED_TRACE(c.line);
    const Decoded decoded = Decode(c.line + "\r\nHost: x\r\n\r\n");
    ASSERT_EQ(decoded.requests.size(), 1U);
    EXPECT_EQ(decoded.requests[0].target, c.target);
    EXPECT_EQ(*decoded.requests[0].headers.Find("host"), c.host);
  }
  for (const std::string line :
       {"GET * HTTP/1.1", "GET a HTTP/1.1", "GET ftp://x/ HTTP/1.1",
        "GET http:///a HTTP/1.1", "GET /a b HTTP/1.1", "GET /a", "/a HTTP/1.1",
        "GET /a HTTP/1.2", "GET /a HTTP/3.0", "G(T /a HTTP/1.1", ""}) {
    SCOPED_TRACE(line);
    EXPECT_EQ(Decode(line + "\r\nHost: x\r\n\r\n").refused_with, 400);
  }
}

TEST(Http1Decoder, AsksForTheBodyOnceIfTheClientWaits) {
  Http1Decoder decoder({});
  decoder.Feed(
      "PUT / HTTP/1.1\r\nHost: x\r\nExpect: 100-Continue\r\n"
      "Content-Length: 2\r\n\r\n");
  EXPECT_EQ(decoder.Next(), Step::kContinue);
  EXPECT_EQ(decoder.Next(), Step::kNeedMore);
  decoder.Feed("ok");
  EXPECT_EQ(decoder.Next(), Step::kRequest);
  EXPECT_EQ(decoder.TakeRequest().body, "ok");

  // Not if the body is on its way, and not if there is none.
  decoder.Feed(
      "PUT / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
      "Content-Length: 2\r\n\r\no");
  EXPECT_EQ(decoder.Next(), Step::kNeedMore);
  decoder.Feed("k");
  EXPECT_EQ(decoder.Next(), Step::kRequest);
  decoder.TakeRequest();
  decoder.Feed("GET / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(decoder.Next(), Step::kRequest);
}

TEST(Http1Decoder, TellsHowFarARequestHasCome) {
  using Phase = Http1Decoder::Phase;
  Http1Decoder decoder({});
  EXPECT_EQ(decoder.phase(), Phase::kIdle);
  decoder.Feed("P");
  EXPECT_EQ(decoder.Next(), Step::kNeedMore);
  EXPECT_EQ(decoder.phase(), Phase::kHead);
  decoder.Feed("OST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n");
  EXPECT_EQ(decoder.Next(), Step::kNeedMore);
  EXPECT_EQ(decoder.phase(), Phase::kBody);
  decoder.Feed("x");
  EXPECT_EQ(decoder.Next(), Step::kRequest);
  decoder.TakeRequest();
  EXPECT_EQ(decoder.phase(), Phase::kIdle);
}

TEST(Http1Decoder, KeepsItsLimitsToTheByte) {
  const std::string head = "GET /abc HTTP/1.1\r\nHost: x\r\n\r\n";
  Http1Limits limits;
  limits.max_header_bytes = head.size();
  EXPECT_EQ(Decode(head, 1, limits).refused_with, 0);
  limits.max_header_bytes = head.size() - 1;
  EXPECT_EQ(Decode(head, 1, limits).refused_with, 431);
  limits.max_header_bytes = 12;
  EXPECT_EQ(Decode(head, 1, limits).refused_with, 414);

  const std::string post = "POST / HTTP/1.1\r\nHost: x\r\n";
  limits = {};
  limits.max_body_bytes = 4;
  struct Case {
    std::string bytes;
    int refused_with;
  };
  for (const Case& c : std::vector<Case>{
           {"Content-Length: 4\r\n\r\nabcd", 0},
           {"Content-Length: 5\r\n\r\n", 413},
           {"Transfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n0\r\n\r\n", 0},
           {"Transfer-Encoding: chunked\r\n\r\n5\r\nab", 413},
           {"Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n3\r\n12345", 413},
       }) {
    SCOPED_TRACE(c.bytes);
    EXPECT_EQ(Decode(post + c.bytes, 1 << 20, limits).refused_with,
              c.refused_with);
  }
}

TEST(Http1Decoder, TakesNoMoreFramingThanIsReasonable) {
  std::string bytes =
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::string extension = ";" + std::string(4000, 'a');
  for (int i = 0; i < 100; ++i) bytes += "1" + extension + "\r\nx\r\n";
  EXPECT_EQ(Decode(bytes, 1000).refused_with, 400);
}

TEST(Http1Decoder, TakesManySmallChunks) {
  std::string bytes =
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 10000; ++i) bytes += "1\r\nx\r\n";
  const Decoded decoded = Decode(bytes + "0\r\n\r\n", 1000);
  ASSERT_EQ(decoded.requests.size(), 1U);
  EXPECT_EQ(decoded.requests[0].body, std::string(10000, 'x'));
}

TEST(EncodeHttp1Head, WritesWhatTheHandlerSetAndFramesTheReplyItself) {
  Response response = Response::Of(200, "application/json", "{}");
  response.headers.Add("Content-Length", "99");
  response.headers.Add("Transfer-Encoding", "chunked");
  response.headers.Add("Connection", "upgrade");
  response.headers.Add("Date", "never");
  response.headers.Add("X-Split", "a\r\nSet-Cookie: b");
  response.headers.Add("X Bad", "v");
  response.headers.Add("Audit-Id", "1");
  EXPECT_EQ(EncodeHttp1Head(response, true, "today"),
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
            "Audit-Id: 1\r\nDate: today\r\nContent-Length: 2\r\n\r\n");
}

TEST(EncodeHttp1Head, SaysWhenTheConnectionEnds) {
  Response response;
  response.status = 204;
  EXPECT_EQ(EncodeHttp1Head(response, false, "today"),
            "HTTP/1.1 204 No Content\r\nDate: today\r\n"
            "Connection: close\r\n\r\n");
  response.status = 200;
  EXPECT_EQ(EncodeHttp1Head(response, false, "today"),
            "HTTP/1.1 200 OK\r\nDate: today\r\nContent-Length: 0\r\n"
            "Connection: close\r\n\r\n");
}

}  // namespace
}  // namespace sextant::net
