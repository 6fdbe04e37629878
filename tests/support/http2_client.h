#pragma once

#include <nghttp2/nghttp2.h>

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/tls_client.h"

namespace sextant {

// The client's side of an HTTP/2 connection, as bytes: what is to be sent is in
// Output(), what has come goes into Input().
class Http2Peer {
 public:
  using Fields = std::vector<std::pair<std::string, std::string>>;

  struct Reply {
    Fields fields;
    std::string body;
    bool ended = false;   // the server has sent all of it
    bool closed = false;  // the stream is over
    std::uint32_t error = 0;

    std::string Field(const std::string& name) const {
      for (const auto& [field, value] : fields) {
        if (field == name) return value;
      }
      return "";
    }
    std::string Status() const { return Field(":status"); }
  };

  Http2Peer() {
    nghttp2_session_callbacks* callbacks = nullptr;
    nghttp2_session_callbacks_new(&callbacks);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, &OnHeader);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks,
                                                              &OnData);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, &OnFrame);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, &OnClose);
    nghttp2_option* option = nullptr;
    nghttp2_option_new(&option);
    // So that tests can send what a well-behaved client would not.
    nghttp2_option_set_no_http_messaging(option, 1);
    nghttp2_option_set_peer_max_concurrent_streams(option, 100000);
    nghttp2_session_client_new2(&session, callbacks, this, option);
    nghttp2_option_del(option);
    nghttp2_session_callbacks_del(callbacks);
    nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, nullptr, 0);
  }
  ~Http2Peer() { nghttp2_session_del(session); }
  Http2Peer(const Http2Peer&) = delete;
  Http2Peer& operator=(const Http2Peer&) = delete;

  // A request without `:authority` if that is empty.  Without `end` the client
  // stays silent after the head (and `body`).
  std::int32_t Submit(const std::string& method, const std::string& path,
                      const Fields& more = {}, std::string body = "",
                      bool end = true, const std::string& authority = "x") {
    Fields fields = {
        {":method", method}, {":scheme", "https"}, {":path", path}};
    if (!authority.empty()) fields.emplace_back(":authority", authority);
    fields.insert(fields.end(), more.begin(), more.end());
    std::vector<nghttp2_nv> block;
    for (auto& [name, value] : fields) {
      block.push_back({reinterpret_cast<std::uint8_t*>(name.data()),
                       reinterpret_cast<std::uint8_t*>(value.data()),
                       name.size(), value.size(), NGHTTP2_NV_FLAG_NONE});
    }
    nghttp2_data_provider provider{};
    provider.read_callback = &ReadBody;
    const bool with_body = !body.empty() || !end;
    const std::int32_t stream =
        nghttp2_submit_request(session, nullptr, block.data(), block.size(),
                               with_body ? &provider : nullptr, nullptr);
    bodies_[stream] = Body{std::move(body), end};
    return stream;
  }

  std::string Output() {
    std::string out;
    for (;;) {
      const std::uint8_t* bytes = nullptr;
      const ssize_t size = nghttp2_session_mem_send(session, &bytes);
      if (size <= 0) return out;
      out.append(reinterpret_cast<const char*>(bytes),
                 static_cast<std::size_t>(size));
    }
  }

  void Input(std::string_view bytes) {
    nghttp2_session_mem_recv(
        session, reinterpret_cast<const std::uint8_t*>(bytes.data()),
        bytes.size());
  }

  nghttp2_session* session = nullptr;
  std::map<std::int32_t, Reply> replies;
  int pings_answered = 0;
  bool going_away = false;
  std::uint32_t going_away_error = 0;
  std::int32_t last_stream = 0;  // that the server says it takes

 private:
  struct Body {
    std::string left;
    bool end;
  };

  static Http2Peer& Self(void* user_data) {
    return *static_cast<Http2Peer*>(user_data);
  }
  static int OnHeader(nghttp2_session*, const nghttp2_frame* frame,
                      const std::uint8_t* name, std::size_t name_size,
                      const std::uint8_t* value, std::size_t value_size,
                      std::uint8_t, void* user_data) {
    Self(user_data).replies[frame->hd.stream_id].fields.emplace_back(
        std::string(reinterpret_cast<const char*>(name), name_size),
        std::string(reinterpret_cast<const char*>(value), value_size));
    return 0;
  }
  static int OnData(nghttp2_session*, std::uint8_t, std::int32_t stream,
                    const std::uint8_t* bytes, std::size_t size,
                    void* user_data) {
    Self(user_data).replies[stream].body.append(
        reinterpret_cast<const char*>(bytes), size);
    return 0;
  }
  static int OnFrame(nghttp2_session*, const nghttp2_frame* frame,
                     void* user_data) {
    Http2Peer& self = Self(user_data);
    if (frame->hd.type == NGHTTP2_PING &&
        (frame->hd.flags & NGHTTP2_FLAG_ACK) != 0) {
      ++self.pings_answered;
    }
    if (frame->hd.type == NGHTTP2_GOAWAY) {
      self.going_away = true;
      self.going_away_error = frame->goaway.error_code;
      self.last_stream = frame->goaway.last_stream_id;
    }
    if ((frame->hd.type == NGHTTP2_DATA || frame->hd.type == NGHTTP2_HEADERS) &&
        (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0) {
      self.replies[frame->hd.stream_id].ended = true;
    }
    return 0;
  }
  static int OnClose(nghttp2_session*, std::int32_t stream, std::uint32_t error,
                     void* user_data) {
    Reply& reply = Self(user_data).replies[stream];
    reply.closed = true;
    reply.error = error;
    return 0;
  }
  static ssize_t ReadBody(nghttp2_session*, std::int32_t stream,
                          std::uint8_t* into, std::size_t size,
                          std::uint32_t* flags, nghttp2_data_source*,
                          void* user_data) {
    Body& body = Self(user_data).bodies_[stream];
    const std::size_t piece =
        body.left.copy(reinterpret_cast<char*>(into), size);
    body.left.erase(0, piece);
    if (body.left.empty() && body.end) {
      *flags |= NGHTTP2_DATA_FLAG_EOF;
    } else if (piece == 0) {
      return NGHTTP2_ERR_DEFERRED;
    }
    return static_cast<ssize_t>(piece);
  }

  std::map<std::int32_t, Body> bodies_;
};

// An Http2Peer on a TLS connection.
class Http2Client : public Http2Peer {
 public:
  Http2Client(boost::asio::io_context& loop, std::uint16_t port)
      : Http2Client(loop, port, std::nullopt) {}
  Http2Client(boost::asio::io_context& loop, std::uint16_t port,
              std::optional<net::KeyPair> certificate)
      : tls(loop, port, Options(std::move(certificate))) {}

  // Sends what is to be sent and takes what has come.
  void Exchange() {
    const std::string out = Output();
    if (!out.empty()) tls.Send(out);
    tls.Poll();
    Input(std::exchange(tls.received(), {}));
  }

  // Goes on until `condition`, or the end of the connection.
  void Until(const std::function<bool()>& condition) {
    tls.Until([&] {
      Exchange();
      return condition() || tls.Ended();
    });
    Exchange();
  }

  Reply Await(std::int32_t stream) {
    Until([&] { return replies[stream].closed; });
    return replies[stream];
  }

  TlsClient tls;

 private:
  static TlsClient::Options Options(std::optional<net::KeyPair> certificate) {
    TlsClient::Options options;
    options.alpn = "h2";
    options.certificate = std::move(certificate);
    return options;
  }
};

// A frame as it is on the wire.
inline std::string Http2Frame(std::uint8_t type, std::uint8_t flags,
                              std::uint32_t stream,
                              const std::string& payload) {
  const std::size_t size = payload.size();
  std::string frame;
  for (const std::size_t byte :
       {size >> 16, size >> 8, size, std::size_t{type}, std::size_t{flags},
        std::size_t{stream >> 24}, std::size_t{stream >> 16},
        std::size_t{stream >> 8}, std::size_t{stream}}) {
    frame += static_cast<char>(byte & 0xff);
  }
  return frame + payload;
}

}  // namespace sextant
