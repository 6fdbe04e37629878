#pragma once

#include <functional>
#include <memory>
#include <string>

#include "server_context.h"
#include "sextant/base/spawn.h"
#include "sextant/net/http.h"
#include "tls_stream.h"

namespace sextant::net {

// One client.  Its Task runs Serve() and holds it; the context lists it.
class Connection {
 public:
  Connection(boost::asio::ip::tcp::socket socket, SslPointer ssl,
             std::string client_address)
      : stream(std::move(socket), std::move(ssl)),
        peer_address(std::move(client_address)) {}

  // Ends it at once, whatever it is doing.
  void Close() {
    stream.Close();
    task.Cancel();
  }

  TlsStream stream;
  const std::string peer_address;
  std::shared_ptr<const PeerCertificate> peer_certificate;
  Running task;

  // When it is closed, unless it gets on with what it does.
  TimePoint deadline = TimePoint::max();
  // Asks it to end soon; empty during the handshake.
  std::function<void()> drain;
  // Looks at deadlines of its own; may be empty.
  std::function<void(TimePoint now)> sweep;
};

// Handshake, then the protocol that was agreed on, until the end.
Task<void> Serve(std::shared_ptr<ServerContext> context,
                 std::shared_ptr<Connection> connection);

Task<void> ServeHttp1(std::shared_ptr<ServerContext> context,
                      std::shared_ptr<Connection> connection);
Task<void> ServeHttp2(std::shared_ptr<ServerContext> context,
                      std::shared_ptr<Connection> connection);

// Says goodbye; the client has a moment to close its side.
void BeginLinger(ServerContext& context, Connection& connection);

// BeginLinger(), and takes in what the client still sends.  A socket that is
// closed with bytes unread is reset, and the reset may overtake the reply that
// told the client why.
Task<void> Linger(std::shared_ptr<ServerContext> context,
                  std::shared_ptr<Connection> connection);

// Runs the handler.  `answer` gets its reply, or a 500 if it threw; also after
// Running::Cancel(), when nobody wants it any more.
Running Handle(std::shared_ptr<ServerContext> context, Request request,
               std::function<void(Response)> answer);

}  // namespace sextant::net
