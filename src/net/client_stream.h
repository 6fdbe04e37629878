#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "client_tls.h"
#include "sextant/base/result.h"
#include "sextant/base/task.h"
#include "tls_stream.h"

namespace sextant::net {

// A system's error in the words of our messages: "connection refused".
std::string ReasonOf(const boost::system::error_code& failure);

// A connection to a server, plain or under TLS; closed by the destructor.
// Errors are kUnavailable and say only the reason.  A Task that is cancelled
// here throws, as everywhere, and the connection is then good for nothing.
class ClientStream {
 public:
  explicit ClientStream(boost::asio::ip::tcp::socket socket);
  ~ClientStream();
  ClientStream(const ClientStream&) = delete;
  ClientStream& operator=(const ClientStream&) = delete;

  // Before anything was read or written; `server_name` is what the certificate
  // must be for.
  Task<Result<Done>> StartTls(ClientTls& tls, std::string server_name);

  // At least one byte; 0 is the server's orderly end.
  Task<Result<std::size_t>> ReadSome(char* into, std::size_t size);

  // `bytes` must stay as they are until this ends.
  Task<Result<Done>> WriteAll(std::string_view bytes);

  // Open, and the server has sent nothing: fit for another request.
  bool IsQuiet();

 private:
  boost::asio::ip::tcp::socket plain_;  // moved from once TLS has begun
  ServerRefusal refusal_;
  std::unique_ptr<TlsStream> tls_;
};

}  // namespace sextant::net
