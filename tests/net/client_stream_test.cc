#include "net/client_stream.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <utility>

namespace sextant::net {
namespace {

using boost::asio::ip::tcp;

// The connections of watches are open for minutes, and silent.
TEST(ClientStream, LetsTheKernelNoticeAServerThatHasGone) {
  boost::asio::io_context loop;
  tcp::socket socket(loop);
  socket.open(tcp::v4());
  // The same socket, still to be asked when the stream owns it.
  const int same = dup(socket.native_handle());
  ASSERT_GE(same, 0);
  const ClientStream stream(std::move(socket));
  const struct {
    int level;
    int option;
    int value;
  } kExpected[] = {{SOL_SOCKET, SO_KEEPALIVE, 1},
                   {IPPROTO_TCP, TCP_KEEPIDLE, 30},
                   {IPPROTO_TCP, TCP_KEEPINTVL, 15},
                   {IPPROTO_TCP, TCP_KEEPCNT, 4},
                   {IPPROTO_TCP, TCP_NODELAY, 1}};
  for (const auto& e : kExpected) {
    SCOPED_TRACE(e.option);
    int value = 0;
    socklen_t size = sizeof value;
    ASSERT_EQ(getsockopt(same, e.level, e.option, &value, &size), 0);
    EXPECT_EQ(value, e.value);
  }
  close(same);
}

}  // namespace
}  // namespace sextant::net
