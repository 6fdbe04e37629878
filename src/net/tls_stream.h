#pragma once

#include <openssl/ssl.h>

#include <boost/asio/ip/tcp.hpp>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "sextant/base/result.h"
#include "sextant/base/task.h"

namespace sextant::net {

struct SslDeleter {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};
using SslPointer = std::unique_ptr<SSL, SslDeleter>;

// What OpenSSL's error queue of this thread says, and empties it; "unknown
// error" if it was empty.
std::string TakeSslErrors();

// TLS on a connected socket: OpenSSL works on the descriptor itself and we wait
// until it can be read or written, which costs a third of the memory of
// asio::ssl::stream's two buffers and BIO pair.
//
// There are no deadlines in here.  Whoever minds the time calls Close(): what
// waits then ends with an error.  At most one read-like and one WriteAll may be
// under way at the same time.  Loop only.  Errors are kUnavailable.
class TlsStream {
 public:
  // `ssl` is set up but not yet connected to a descriptor.
  TlsStream(boost::asio::ip::tcp::socket socket, SslPointer ssl);
  ~TlsStream();
  TlsStream(const TlsStream&) = delete;
  TlsStream& operator=(const TlsStream&) = delete;

  // The handshake, as the server or as the client.
  Task<Result<Done>> Accept();
  Task<Result<Done>> Connect();

  // Reads what there is, at least one byte; 0 is the other side's orderly end.
  // Nothing else runs between OpenSSL's writing to `into` and the end of this,
  // so that many streams can read into one buffer.
  Task<Result<std::size_t>> ReadSome(char* into, std::size_t size);

  // `bytes` must stay as they are until this ends.
  Task<Result<Done>> WriteAll(std::string_view bytes);

  // Waits until there are bytes to read, without taking them: true.  False if
  // the other side is gone instead.
  Task<bool> WaitReadable();

  // Tells the other side that nothing more comes, as far as that can be done
  // without waiting.  The socket stays open.
  void Shutdown();

  // Closes the socket.  May be called at any time and more than once.
  void Close();

  // Did the handshake fail because the client began with plain HTTP?
  bool spoke_http() const { return spoke_http_; }

  SSL* ssl() { return ssl_.get(); }
  boost::asio::ip::tcp::socket& socket() { return socket_; }

 private:
  template <typename Operation>
  Task<int> Complete(Operation operation);
  Error Failure(const std::string& what);

  boost::asio::ip::tcp::socket socket_;
  SslPointer ssl_;
  std::string failure_;  // why the last operation failed
  bool broken_ = false;  // OpenSSL forbids SSL_shutdown then
  bool spoke_http_ = false;
  int without_wait_ = 0;  // operations since we last waited
};

}  // namespace sextant::net
