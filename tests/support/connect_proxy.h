#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <string>
#include <thread>

namespace sextant {

// A proxy on a port of its own that opens one tunnel, to `target_port` of this
// machine whatever host it is asked for, and keeps what it was asked.
class ConnectProxy {
 public:
  explicit ConnectProxy(std::uint16_t target_port) : target_(target_port) {
    sockaddr_in address = Loopback(0);
    socklen_t size = sizeof(address);
    bind(listener_, reinterpret_cast<sockaddr*>(&address), size);
    listen(listener_, 1);
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    serving_ = std::thread([this] { Serve(); });
  }

  ~ConnectProxy() {
    shutdown(listener_, SHUT_RDWR);
    serving_.join();
    close(listener_);
  }

  std::uint16_t port() const { return port_; }

  // Once the client has gone: ends the serving.
  std::string asked() {
    if (serving_.joinable()) serving_.join();
    serving_ = std::thread([] {});
    return asked_;
  }

 private:
  static sockaddr_in Loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
  }

  static void Copy(int from, int to) {
    char buffer[4096];
    ssize_t got = 0;
    while ((got = read(from, buffer, sizeof(buffer))) > 0) {
      if (write(to, buffer, static_cast<std::size_t>(got)) != got) break;
    }
    shutdown(to, SHUT_WR);
  }

  void Serve() {
    const int client = accept(listener_, nullptr, nullptr);
    if (client < 0) return;
    char byte = 0;
    while (asked_.find("\r\n\r\n") == std::string::npos &&
           read(client, &byte, 1) == 1) {
      asked_ += byte;
    }
    const int target = socket(AF_INET, SOCK_STREAM, 0);
    const sockaddr_in address = Loopback(target_);
    if (connect(target, reinterpret_cast<const sockaddr*>(&address),
                sizeof(address)) == 0) {
      const std::string yes = "HTTP/1.1 200 Connection established\r\n\r\n";
      if (write(client, yes.data(), yes.size()) > 0) {
        std::thread back([=] { Copy(target, client); });
        Copy(client, target);
        back.join();
      }
    }
    close(target);
    close(client);
  }

  const std::uint16_t target_;
  const int listener_ = socket(AF_INET, SOCK_STREAM, 0);
  std::uint16_t port_ = 0;
  std::string asked_;
  std::thread serving_;
};

}  // namespace sextant
