#include "net/reply_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "support/gzip.h"
#include "support/result_matchers.h"

namespace sextant::net {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

struct Read {
  std::optional<Error> error;
  ResponseHead head;
  std::string body;
  std::size_t largest_piece = 0;
  bool reuse = false;
};

ReplyReader::Options Plain() {
  ReplyReader::Options options;
  options.source = "http://prom:9090";
  return options;
}

// Reads `reply` in pieces of `piece` bytes, and then the connection's end if
// the reply is not complete.
Read ReadReply(const std::string& reply, std::size_t piece,
               const ReplyReader::Options& options) {
  Read read;
  ReplyReader reader(
      options, [&](const ResponseHead&, std::string_view b) -> Result<Done> {
        read.body += b;
        read.largest_piece = std::max(read.largest_piece, b.size());
        return Done{};
      });
  Result<Done> done = Done{};
  for (std::size_t at = 0; done && at < reply.size(); at += piece) {
    // Complete earlier than the bytes are: they would be found by Put().
    done = reader.Put(std::string_view(reply).substr(at, piece));
  }
  if (done && !reader.Complete()) done = reader.End();
  if (!done) {
    read.error = done.error();
    return read;
  }
  read.reuse = reader.MayReuseConnection();
  read.head = reader.TakeHead();
  return read;
}

TEST(ReplyReader, ReadsEveryFramingHoweverTheBytesAreCut) {
  const struct {
    const char* what;
    std::string reply;
    int status;
    std::string body;
    bool reuse;
  } kCases[] = {
      {"length", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200,
       "hello", true},
      {"empty", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 200, "", true},
      {"close asked",
       "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi",
       200, "hi", false},
      {"HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi", 200, "hi",
       false},
      {"until the end", "HTTP/1.1 200 OK\r\n\r\nto the end", 200, "to the end",
       false},
      {"until the end, empty", "HTTP/1.1 200 OK\r\n\r\n", 200, "", false},
      {"chunks",
       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"
       "6;x=\"y\"\r\n world\r\n0\r\n\r\n",
       200, "hello world", true},
      {"chunks and trailers",
       "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n2\r\nhi\r\n"
       "0\r\nX-Sum: 1\r\nX-More: 2\r\n\r\n",
       200, "hi", true},
      {"no chunk",
       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 200,
       "", true},
      {"interim replies",
       "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n"
       "\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
       200, "hi", true},
      {"204", "HTTP/1.1 204 No Content\r\n\r\n", 204, "", true},
      {"304 with a length",
       "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", 304, "", true},
      {"error", "HTTP/1.1 503 \r\nContent-Length: 4\r\n\r\nbusy", 503, "busy",
       true},
      {"coding named but none",
       "HTTP/1.1 200 OK\r\nContent-Encoding: identity\r\nContent-Length: "
       "2\r\n\r\nhi",
       200, "hi", true},
  };
  for (const auto& c : kCases) {
    for (std::size_t piece = 1; piece <= c.reply.size(); ++piece) {
      SCOPED_TRACE(std::string(c.what) + " by " + std::to_string(piece));
      const Read read = ReadReply(c.reply, piece, Plain());
      ASSERT_FALSE(read.error) << read.error->message;
      EXPECT_EQ(read.head.status, c.status);
      EXPECT_EQ(read.body, c.body);
      EXPECT_EQ(read.reuse, c.reuse);
    }
  }
}

TEST(ReplyReader, ReadsNoBodyAfterHead) {
  ReplyReader::Options options = Plain();
  options.without_body = true;
  const Read read = ReadReply(
      "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Encoding: gzip\r\n\r\n",
      1, options);
  ASSERT_FALSE(read.error) << read.error->message;
  EXPECT_TRUE(read.reuse);
  EXPECT_THAT(read.head.headers.fields(),
              ElementsAre(Pair("Content-Length", "5"),
                          Pair("Content-Encoding", "gzip")));
}

TEST(ReplyReader, KeepsTheFieldsInOrderAndNoTrailers) {
  const Read read = ReadReply(
      "HTTP/1.1 200 OK\r\nB: 1\r\nA:  2 \r\nB: 3\r\nTransfer-Encoding: "
      "chunked\r\n\r\n0\r\nC: 4\r\n\r\n",
      1000, Plain());
  EXPECT_THAT(read.head.headers.fields(),
              ElementsAre(Pair("B", "1"), Pair("A", "2"), Pair("B", "3"),
                          Pair("Transfer-Encoding", "chunked")));
}

TEST(ReplyReader, RefusesWhatIsNotOneWholeReply) {
  const std::string ok = "HTTP/1.1 200 OK\r\n";
  std::string interim;
  for (int i = 0; i < 9; ++i) interim += "HTTP/1.1 100 Continue\r\n\r\n";
  const struct {
    std::string reply;
    std::string why;
  } kCases[] = {
      {"", "the connection ended without a reply"},
      {"HTTP/1.1 20", "the connection ended within its head"},
      {ok + "Content-Le", "the connection ended within its head"},
      {"HTTP/1.1 100 Continue\r\n\r\n", "the connection ended within its head"},
      {"HTTP/1.1 100 Continue\r\n\r\nHT",
       "the connection ended within its head"},
      {ok + "Content-Length: 10\r\n\r\nhello",
       "the connection ended after 5 of the 10 bytes of its body"},
      {ok + "Content-Length: 10\r\n\r\n",
       "the connection ended after 0 of the 10 bytes of its body"},
      {ok + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
       "the connection ended after 5 bytes of its body and before the last "
       "chunk"},
      {ok + "Content-Length: 2\r\n\r\nhello",
       "bytes follow the end that it declares"},
      {"SSH-2.0-OpenSSH_9.2\r\n", "it is not HTTP/1.1 (bad version)"},
      {"HTTP/2.0 200 OK\r\n\r\n", "it is not HTTP/1.1 (bad version)"},
      {ok + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
       "it is not HTTP/1.1 (multiple Content-Length)"},
      {ok + "Content-Length: -1\r\n\r\n",
       "it is not HTTP/1.1 (bad Content-Length)"},
      {ok + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
       "it is not HTTP/1.1 (bad Transfer-Encoding)"},
      {ok + "no colon\r\n\r\n", "it is not HTTP/1.1 (bad field)"},
      {ok + "Transfer-Encoding: chunked\r\n\r\n-2\r\n",
       "it is not HTTP/1.1 (bad chunk)"},
      {ok + "Transfer-Encoding: chunked\r\n\r\n11111111111111111\r\n",
       "it is not HTTP/1.1 (bad chunk)"},
      {ok + "Transfer-Encoding: chunked\r\n\r\n2\r\nhiya\r\n0\r\n\r\n",
       "it is not HTTP/1.1 (bad chunk)"},
      {ok + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
       "it has the transfer coding \"gzip, chunked\", which was not asked for"},
      {ok + "Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello",
       "its body has the content coding \"gzip\", which was not asked for"},
      {"HTTP/1.1 101 Switching Protocols\r\n\r\n",
       "it changes the protocol unasked"},
      {"HTTP/1.1 042 Odd\r\n\r\n", "its status is 42"},
      {interim + ok + "Content-Length: 0\r\n\r\n",
       "too many interim replies (1xx)"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.reply);
    const Read read = ReadReply(c.reply, 1000, Plain());
    ASSERT_TRUE(read.error);
    EXPECT_EQ(read.error->code, ErrorCode::kUnavailable);
    EXPECT_EQ(read.error->message,
              "reading the reply of http://prom:9090: " + c.why);
  }
}

TEST(ReplyReader, BoundsEveryHeadHoweverTheBytesAreCut) {
  std::string fields;
  for (int i = 0; i < 20; ++i) fields += "X-Field: 0123456789\r\n";
  const struct {
    const char* what;
    std::string reply;
  } kCases[] = {
      {"one long line", "HTTP/1.1 200 OK\r\nX: " + std::string(300, 'x')},
      {"a long status line", "HTTP/1.1 200 " + std::string(300, 'x')},
      {"many fields", "HTTP/1.1 200 OK\r\n" + fields + "\r\n"},
      {"trailers",
       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n" + fields},
      {"a chunk's extension",
       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;" +
           std::string(300, 'x')},
  };
  ReplyReader::Options options = Plain();
  options.max_header_bytes = 200;
  for (const auto& c : kCases) {
    for (const std::size_t piece : {1U, 7U, 22U, 1000U}) {
      SCOPED_TRACE(std::string(c.what) + " by " + std::to_string(piece));
      const Read read = ReadReply(c.reply, piece, options);
      ASSERT_TRUE(read.error);
      EXPECT_EQ(read.error->message,
                "reading the reply of http://prom:9090: its head is larger "
                "than 200 bytes");
    }
  }
}

TEST(ReplyReader, UndoesGzipInBoundedPieces) {
  const std::string text(1 << 20, 'a');
  const std::string packed = Gzip("begin") + Gzip(text);
  const std::string reply =
      "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: " +
      std::to_string(packed.size()) + "\r\nAge: 1\r\n\r\n" + packed;
  ReplyReader::Options options = Plain();
  options.gzip_asked = true;
  for (const std::size_t piece : {std::size_t{1}, reply.size()}) {
    SCOPED_TRACE(piece);
    const Read read = ReadReply(reply, piece, options);
    ASSERT_FALSE(read.error) << read.error->message;
    EXPECT_EQ(read.body, "begin" + text);
    EXPECT_LE(read.largest_piece, 32u * 1024);
    EXPECT_TRUE(read.reuse);
    EXPECT_THAT(read.head.headers.fields(), ElementsAre(Pair("Age", "1")));
  }
}

// VictoriaMetrics has zstd and may take a proxy's wish for it for ours.
TEST(ReplyReader, RefusesACodingThatWasNotAskedForBesideGzip) {
  ReplyReader::Options options = Plain();
  options.gzip_asked = true;
  for (const std::string coding : {"zstd", "deflate", "gzip, zstd"}) {
    SCOPED_TRACE(coding);
    // Nothing of the body gets to the sink, whose bytes these are not.
    const Read read =
        ReadReply("HTTP/1.1 200 OK\r\nContent-Encoding: " + coding +
                      "\r\nContent-Length: 4\r\n\r\n" + "\x28\xb5\x2f\xfd",
                  1000, options);
    ASSERT_TRUE(read.error);
    EXPECT_EQ(read.error->code, ErrorCode::kUnavailable);
    EXPECT_EQ(read.error->message,
              "reading the reply of http://prom:9090: its body has the content "
              "coding \"" +
                  coding + "\", which was not asked for");
    EXPECT_EQ(read.body, "");
  }
}

TEST(ReplyReader, RefusesGzipThatIsBroken) {
  std::string damaged = Gzip("a text of some length, so that it has a middle");
  damaged[damaged.size() / 2] = static_cast<char>(~damaged[damaged.size() / 2]);
  const std::string whole = Gzip("hello");
  const struct {
    const char* what;
    std::string body;
    const char* why;
  } kCases[] = {
      {"no gzip", "hello world, hello world",
       "its body is not the gzip data it says it is"},
      {"damaged", damaged, "its body is not the gzip data it says it is"},
      {"garbage after it", whole + "garbage",
       "its body is not the gzip data it says it is"},
      {"cut", whole.substr(0, whole.size() - 3),
       "its gzip data ends too early"},
  };
  ReplyReader::Options options = Plain();
  options.gzip_asked = true;
  for (const auto& c : kCases) {
    for (const bool length : {true, false}) {
      SCOPED_TRACE(std::string(c.what) +
                   (length ? ", length" : ", to the end"));
      const std::string field =
          "Content-Length: " + std::to_string(c.body.size()) + "\r\n";
      const Read read =
          ReadReply("HTTP/1.1 200 OK\r\nContent-Encoding: x-gzip\r\n" +
                        (length ? field : std::string()) + "\r\n" + c.body,
                    1000, options);
      ASSERT_TRUE(read.error);
      EXPECT_EQ(read.error->message,
                std::string("reading the reply of http://prom:9090: ") + c.why);
    }
  }
}

TEST(ReplyReader, PassesTheSinksErrorOnAsItIs) {
  for (const bool gzip : {false, true}) {
    SCOPED_TRACE(gzip);
    ReplyReader::Options options = Plain();
    options.gzip_asked = true;
    int calls = 0;
    ReplyReader reader(
        options,
        [&](const ResponseHead& head, std::string_view) -> Result<Done> {
          ++calls;
          EXPECT_EQ(head.status, 200);
          return Error{ErrorCode::kTooLarge, "enough", ""};
        });
    const std::string body = gzip ? Gzip("hello") : "hello";
    const Result<Done> put =
        reader.Put(std::string("HTTP/1.1 200 OK\r\n") +
                   (gzip ? "Content-Encoding: gzip\r\n" : "") + "\r\n" + body);
    EXPECT_THAT(put, FailsWith(ErrorCode::kTooLarge, "enough"));
    EXPECT_EQ(calls, 1);
  }
}

}  // namespace
}  // namespace sextant::net
