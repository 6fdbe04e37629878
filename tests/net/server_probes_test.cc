// What a client can do to a server; each of these things has brought another
// HTTP server down, or made it do what it should not.

#include <gmock/gmock.h>
#include <malloc.h>
#include <poll.h>
#include <sys/resource.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "sextant/net/server.h"
#include "support/gzip.h"
#include "support/http2_client.h"
#include "support/test_server.h"
#include "support/tls_client.h"

// Of the sanitizers, which have their own allocator; null without them.
extern "C" __attribute__((weak)) std::size_t
__sanitizer_get_current_allocated_bytes();  // NOLINT: the name is theirs

namespace sextant::net {
namespace {

using ::testing::EndsWith;
using ::testing::IsEmpty;
using ::testing::StartsWith;

std::string Get(const std::string& target) {
  return "GET " + target + " HTTP/1.1\r\nHost: x\r\n\r\n";
}

// The reply to a request with more header fields, and a body perhaps.
std::string ReplyTo(TestServer& test, const std::string& method,
                    const std::string& target, const std::string& fields = "",
                    const std::string& body = "") {
  TlsClient client(test.loop, test.server->port());
  client.Send(method + " " + target + " HTTP/1.1\r\nHost: x\r\n" + fields +
              "\r\n" + body);
  return client.ReceiveReply();
}

// Every connection takes two descriptors.
void AllowManyFiles() {
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = std::min<rlim_t>(files.rlim_max, 4096);
  setrlimit(RLIMIT_NOFILE, &files);
}

// Bytes allocated and not freed.  Not the resident set, which grows by the
// freed memory that a sanitizer keeps.
std::size_t HeapInUse() {
  if (__sanitizer_get_current_allocated_bytes != nullptr) {
    return __sanitizer_get_current_allocated_bytes();
  }
  const struct mallinfo2 heap = mallinfo2();
  return heap.uordblks + heap.hblkhd;
}

TEST(ServerProbes, AnswersBeside500IdleConnections) {
  AllowManyFiles();
  TestServer test;
  std::vector<std::unique_ptr<TlsClient>> idle;
  for (int i = 0; i < 500; ++i) {
    idle.push_back(std::make_unique<TlsClient>(test.loop, test.server->port()));
    ASSERT_TRUE(idle.back()->connected());
  }
  TlsClient::Options options;
  options.tls = false;  // never begins a handshake
  for (int i = 0; i < 100; ++i) {
    idle.push_back(
        std::make_unique<TlsClient>(test.loop, test.server->port(), options));
  }
  TlsClient probe(test.loop, test.server->port());
  probe.Send(Get("/livez"));
  EXPECT_THAT(probe.ReceiveReply(), EndsWith("GET /livez 0\n"));
  EXPECT_EQ(test.server->connections(), 601U);
}

TEST(ServerProbes, AnswersBeside100HeadsThatTrickleAndCutsThemOff) {
  TestServer test;
  std::vector<std::unique_ptr<TlsClient>> slow;
  for (int i = 0; i < 100; ++i) {
    slow.push_back(std::make_unique<TlsClient>(test.loop, test.server->port()));
    ASSERT_TRUE(slow.back()->connected());
  }
  TlsClient probe(test.loop, test.server->port());
  const std::string head = Get("/slow");
  // header_timeout is ten seconds and counts from the first byte; the server
  // looks once a second.
  for (std::size_t second = 0; second < 12; ++second) {
    SCOPED_TRACE(second);
    for (const auto& client : slow) client->Send(head.substr(second, 1));
    probe.Send(Get("/livez"));
    EXPECT_THAT(probe.ReceiveReply(), EndsWith("GET /livez 0\n"));
    if (second < 10) {
      EXPECT_EQ(test.server->connections(), 101U);
    }
    test.clock.Advance(std::chrono::seconds(1));
  }
  EXPECT_EQ(test.server->connections(), 1U);
  for (const auto& client : slow) EXPECT_TRUE(client->Ended());
  probe.Send(Get("/livez"));
  EXPECT_THAT(probe.ReceiveReply(), EndsWith("GET /livez 0\n"));
  EXPECT_EQ(test.requests.size(), 13U);
}

// The system has to take them all while the loop does not run.
TEST(ServerProbes, Takes200ConnectionsAtOnce) {
  using boost::asio::ip::tcp;
  AllowManyFiles();
  TestServer test;
  const tcp::endpoint server(boost::asio::ip::address_v4::loopback(),
                             test.server->port());
  std::vector<tcp::socket> clients;
  std::vector<pollfd> connected;
  for (int i = 0; i < 200; ++i) {
    clients.emplace_back(test.loop);
    clients.back().async_connect(server, [](const auto&) {});
    connected.push_back({clients.back().native_handle(), POLLOUT, 0});
  }
  EXPECT_EQ(poll(connected.data(), connected.size(), 0), 200);
  test.clock.Settle();
  EXPECT_EQ(test.server->connections(), 200U);
}

TEST(ServerProbes, KeepsLittleOfARequestThatIsTooLarge) {
  struct Case {
    std::string what;
    std::string begin;
    std::string piece;
    std::size_t pieces;
    std::string status;
    std::size_t may_keep;
  };
  constexpr std::size_t kKiB = 1024;
  constexpr std::size_t kMiB = 1024 * kKiB;
  const std::string head = "POST / HTTP/1.1\r\nHost: x\r\n";
  const std::string bulk(64 * kKiB, 'x');
  std::string lines;
  for (int i = 0; i < 1000; ++i) lines += "a: b\r\n";
  for (const Case& c : std::vector<Case>{
           {"4 MiB of one header line", head + "X-Long: ", bulk, 64, "431",
            512 * kKiB},
           {"200,000 header lines", head, lines, 200, "431", 512 * kKiB},
           {"64 MiB of body", head + "Content-Length: 67108864\r\n\r\n", bulk,
            1024, "413", 512 * kKiB},
           {"64 MiB of body in chunks",
            head + "Transfer-Encoding: chunked\r\n\r\n",
            "10000\r\n" + bulk + "\r\n", 1024, "413", 4 * kMiB},
       }) {
    SCOPED_TRACE(c.what);
    TestServer test;
    TlsClient client(test.loop, test.server->port());
    client.Send(c.begin);
    const std::size_t before = HeapInUse();
    std::size_t most = before;
    std::size_t sent = 0;
    for (std::size_t i = 0; i < c.pieces && client.Send(c.piece); ++i) {
      sent += c.piece.size();
      test.clock.Settle();
      client.Poll();
      most = std::max(most, HeapInUse());
    }
    EXPECT_LT(most - before, c.may_keep);
    // After its refusal the server reads on for a moment only.
    EXPECT_LT(sent, 16 * kMiB);
    EXPECT_THAT(client.received(), StartsWith("HTTP/1.1 " + c.status + " "));
    EXPECT_THAT(test.Targets(), IsEmpty());
  }
}

TEST(ServerProbes, HandsOnACompressedBodyAsItIs) {
  TestServer test;
  const std::string packed = Gzip(std::string(1 << 20, 'x'));
  ReplyTo(test, "POST", "/",
          "Content-Encoding: gzip\r\nContent-Length: " +
              std::to_string(packed.size()) + "\r\n",
          packed);
  ASSERT_EQ(test.requests.size(), 1U);
  EXPECT_EQ(test.requests[0].body, packed);
  EXPECT_EQ(*test.requests[0].headers.Find("Content-Encoding"), "gzip");
}

// Header fields for which other servers change what the handler said.
TEST(ServerProbes, SendsWhatTheHandlerSaysWhateverTheClientWants) {
  TestServer test;
  for (const std::string target : {"/", "/large"}) {
    const std::string plain = ReplyTo(test, "GET", target);
    EXPECT_THAT(plain, StartsWith("HTTP/1.1 200 OK\r\n"));
    for (const std::string fields :
         {"Accept-Encoding: br, gzip\r\n", "Range: bytes=0-3\r\n",
          "Range: bytes=0-3, 1-2, 0-3\r\n"}) {
      SCOPED_TRACE(target + " " + fields);
      EXPECT_TRUE(ReplyTo(test, "GET", target, fields) == plain);
    }
  }
}

TEST(ServerProbes, HandsOnATargetUnchanged) {
  TestServer test;
  for (const std::string target :
       {"/a?b=c?d=e", "/a%2Fb%00?%3F", "/a/../b//c?x=../y"}) {
    SCOPED_TRACE(target);
    ReplyTo(test, "GET", target);
    ASSERT_FALSE(test.requests.empty());
    EXPECT_EQ(test.requests.back().target, target);
    test.requests.clear();
    Http2Client client(test.loop, test.server->port());
    client.Await(client.Submit("GET", target));
    ASSERT_FALSE(test.requests.empty());
    EXPECT_EQ(test.requests.back().target, target);
  }
}

TEST(ServerProbes, BelievesNoHeaderAboutThePeer) {
  TestServer test;
  ReplyTo(test, "GET", "/", "REMOTE_ADDR: 10.0.0.1\r\n");
  Http2Client client(test.loop, test.server->port());
  client.Await(client.Submit("GET", "/", {{"remote_addr", "10.0.0.1"}}));
  ASSERT_EQ(test.requests.size(), 2U);
  for (const Request& request : test.requests) {
    EXPECT_EQ(*request.headers.Find("REMOTE_ADDR"), "10.0.0.1");
    EXPECT_EQ(request.peer_address, "127.0.0.1");
  }
}

}  // namespace
}  // namespace sextant::net
