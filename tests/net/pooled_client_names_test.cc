// Where PooledHttpClient finds a name.  The system's resolver is replaced for
// the whole test program: it knows one more name, which moves, and "localhost"
// also on a machine that has no hosts file.

#include <dlfcn.h>
#include <gmock/gmock.h>
#include <netdb.h>

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sextant/net/pooled_client.h"
#include "support/await_task.h"
#include "support/fake_clock.h"
#include "support/result_matchers.h"
#include "support/scripted_server.h"

namespace {

constexpr std::string_view kMovingName = "moving.test";
std::atomic<int> times_asked = 0;  // counted on asio's resolver thread

}  // namespace

// kMovingName is at 127.0.0.1 when it is asked for first, at 127.0.0.2 from
// then on; localhost is at ::1, where the machine has IPv6, and then at
// 127.0.0.1.
extern "C" int getaddrinfo(const char* name, const char* service,
                           const addrinfo* req, addrinfo** pai) {
  static const auto real =
      reinterpret_cast<decltype(&getaddrinfo)>(dlsym(RTLD_NEXT, "getaddrinfo"));
  const std::string_view asked = name == nullptr ? "" : name;
  if (asked == kMovingName) {
    name = times_asked++ == 0 ? "127.0.0.1" : "127.0.0.2";
  }
  if (asked != "localhost") return real(name, service, req, pai);

  if (const int failed = real("127.0.0.1", service, req, pai)) return failed;
  addrinfo* six = nullptr;
  if (real("::1", service, req, &six) != 0) return 0;
  addrinfo* last = six;
  while (last->ai_next != nullptr) last = last->ai_next;
  last->ai_next = *pai;  // freeaddrinfo() frees one by one
  *pai = six;
  return 0;
}

namespace sextant::net {
namespace {

TEST(PooledHttpClientNames, AreAskedForAgainByEveryNewConnection) {
  times_asked = 0;
  const char kOk[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  ScriptedServer first({{{kOk}, {kOk, true}}});
  ScriptedServer::Options options;
  options.address = "127.0.0.2";
  options.port = first.port();
  ScriptedServer second({{{kOk}}}, options);

  boost::asio::io_context loop;
  FakeClock clock(loop);
  const std::unique_ptr<PooledHttpClient> client =
      std::move(*PooledHttpClient::Create({}, clock));
  ClientRequest request;
  request.url =
      *Url::Parse("http://moving.test:" + std::to_string(first.port()));
  struct Case {
    std::string what;
    int asked;
    std::size_t at_first;
    std::size_t at_second;
  };
  for (const Case& c : std::vector<Case>{{"a new connection", 1, 1, 0},
                                         {"the same, which then ends", 1, 1, 0},
                                         {"another new one", 2, 1, 1}}) {
    SCOPED_TRACE(c.what);
    EXPECT_THAT(
        AwaitTask(loop,
                  SendAndGather(*client, request,
                                clock.Now() + std::chrono::seconds(5), 100)),
        IsOk());
    EXPECT_EQ(times_asked, c.asked);
    EXPECT_EQ(first.accepted(), c.at_first);
    EXPECT_EQ(second.accepted(), c.at_second);
  }
}

}  // namespace
}  // namespace sextant::net
