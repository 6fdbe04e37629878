#include "http2_session.h"

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <array>
#include <new>
#include <utility>

#include "response_rules.h"
#include "sextant/base/text.h"
#include "sextant/net/http_date.h"

namespace sextant::net {
namespace {

// What each field counts beside its text (RFC 9113, 6.5.2).
constexpr std::size_t kFieldOverhead = 32;

// A reply that goes on for longer than write_timeout must get this far in each
// of them, so that a client cannot hold it for ever by taking a byte now and
// then.
constexpr std::size_t kPiece = 256 * 1024;

// Frames that wait to be sent, for each stream that may be open.  A client that
// makes us answer (resets, mostly) and does not read is ended here: nghttp2
// bounds only the acknowledgements of PING and SETTINGS.
constexpr std::size_t kWaitingFrames = 10;

std::string Text(const std::uint8_t* bytes, std::size_t size) {
  return std::string(reinterpret_cast<const char*>(bytes), size);
}

nghttp2_nv Field(const std::string& name, const std::string& value) {
  // nghttp2 copies both; its type is not const for the sake of C.
  const auto bytes = [](const std::string& text) {
    return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));
  };
  return nghttp2_nv{bytes(name), bytes(value), name.size(), value.size(),
                    NGHTTP2_NV_FLAG_NONE};
}

}  // namespace

struct Http2Session::State {
  Request request;
  std::string authority;
  TimePoint begun{};
  std::size_t header_bytes = 0;
  bool head_ended = false;
  bool complete = false;  // the client has sent all of it
  bool answered = false;
  int refusal = 0;  // the status it was refused with; 0 if it was not

  bool is_head = false;
  std::shared_ptr<const std::string> body;  // of the reply
  std::size_t sent = 0;
  TimePoint progress{};  // when a part of the reply was last taken
};

struct Http2Session::Callbacks {
  static Http2Session& Self(void* user_data) {
    return *static_cast<Http2Session*>(user_data);
  }

  static State* Find(Http2Session& self, Stream stream) {
    const auto found = self.streams_.find(stream);
    return found == self.streams_.end() ? nullptr : &found->second;
  }

  static int BeginHeaders(nghttp2_session*, const nghttp2_frame* frame,
                          void* user_data) {
    if (frame->hd.type != NGHTTP2_HEADERS ||
        frame->headers.cat != NGHTTP2_HCAT_REQUEST) {
      return 0;
    }
    Http2Session& self = Self(user_data);
    State& state = self.streams_[frame->hd.stream_id];
    state.begun = self.now_;
    return 0;
  }

  static int Header(nghttp2_session*, const nghttp2_frame* frame,
                    const std::uint8_t* name_bytes, std::size_t name_size,
                    const std::uint8_t* value_bytes, std::size_t value_size,
                    std::uint8_t, void* user_data) {
    // Trailers are dropped: a proxy that set or removed header fields did not
    // look at them.
    if (frame->headers.cat != NGHTTP2_HCAT_REQUEST) return 0;
    Http2Session& self = Self(user_data);
    State* state = Find(self, frame->hd.stream_id);
    if (state == nullptr) return 0;
    state->header_bytes += name_size + value_size + kFieldOverhead;
    if (state->header_bytes > self.limits_.max_header_bytes) return 0;
    std::string name = Text(name_bytes, name_size);
    std::string value = Text(value_bytes, value_size);
    if (name == ":method") {
      state->is_head = value == "HEAD";
      state->request.method = std::move(value);
    } else if (name == ":path") {
      state->request.target = std::move(value);
    } else if (name == ":authority") {
      state->authority = std::move(value);
    } else if (name.empty() || name.front() != ':') {
      state->request.headers.Add(std::move(name), std::move(value));
    }
    return 0;
  }

  static int FrameReceived(nghttp2_session*, const nghttp2_frame* frame,
                           void* user_data) {
    Http2Session& self = Self(user_data);
    if (frame->hd.type == NGHTTP2_PING &&
        (frame->hd.flags & NGHTTP2_FLAG_ACK) != 0) {
      if (self.leaving_since_) self.NameLastStream();
      return 0;
    }
    if (frame->hd.type != NGHTTP2_HEADERS && frame->hd.type != NGHTTP2_DATA) {
      return 0;
    }
    State* state = Find(self, frame->hd.stream_id);
    if (state == nullptr) return 0;
    if (frame->hd.type == NGHTTP2_HEADERS && !state->head_ended) {
      state->head_ended = true;
      EndHead(self, frame->hd.stream_id, *state);
    }
    if ((frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0) {
      self.Complete(frame->hd.stream_id);
    }
    return 0;
  }

  static void EndHead(Http2Session& self, Stream stream, State& state) {
    if (state.header_bytes > self.limits_.max_header_bytes) {
      self.Refuse(stream, 431, "the request header is too large");
      return;
    }
    Request& request = state.request;
    const bool is_path =
        !request.target.empty() &&
        (request.target.front() == '/' ||
         (request.target == "*" && request.method == "OPTIONS"));
    if (!is_path) {
      self.Refuse(stream, 400, "the request target is not a path");
      return;
    }
    const std::vector<std::string> hosts = request.headers.FindAll("host");
    const std::string& authority = state.authority;
    if (hosts.size() > 1 || (!hosts.empty() && !authority.empty() &&
                             !EqualsIgnoringCase(hosts[0], authority))) {
      self.Refuse(stream, 400, "more than one Host");
    } else if (hosts.empty()) {
      request.headers.Add("host", authority);
    }
  }

  static int Data(nghttp2_session*, std::uint8_t, std::int32_t stream,
                  const std::uint8_t* bytes, std::size_t size,
                  void* user_data) {
    Http2Session& self = Self(user_data);
    State* state = Find(self, stream);
    if (state == nullptr || state->refusal != 0) return 0;
    std::string& body = state->request.body;
    if (size > self.limits_.max_body_bytes - body.size()) {
      self.Refuse(stream, 413, "the request body is too large");
      return 0;
    }
    body.append(reinterpret_cast<const char*>(bytes), size);
    return 0;
  }

  static int FrameSent(nghttp2_session* session, const nghttp2_frame* frame,
                       void* user_data) {
    if ((frame->hd.type != NGHTTP2_HEADERS && frame->hd.type != NGHTTP2_DATA) ||
        (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) == 0) {
      return 0;
    }
    // The reply came before the whole request: the rest is not wanted
    // (RFC 9113, 8.1).
    const State* state = Find(Self(user_data), frame->hd.stream_id);
    if (state != nullptr && !state->complete) {
      nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, frame->hd.stream_id,
                                NGHTTP2_NO_ERROR);
    }
    return 0;
  }

  static int StreamClosed(nghttp2_session*, std::int32_t stream, std::uint32_t,
                          void* user_data) {
    Http2Session& self = Self(user_data);
    if (self.streams_.erase(stream) > 0) self.closed_.push_back(stream);
    return 0;
  }

  static ssize_t ReadBody(nghttp2_session*, std::int32_t stream,
                          std::uint8_t* into, std::size_t size,
                          std::uint32_t* flags, nghttp2_data_source*,
                          void* user_data) {
    Http2Session& self = Self(user_data);
    State* state = Find(self, stream);
    if (state == nullptr) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    const std::size_t piece = std::min(size, state->body->size() - state->sent);
    std::copy_n(state->body->data() + state->sent, piece, into);
    const std::size_t pieces_before = state->sent / kPiece;
    state->sent += piece;
    if (state->sent / kPiece > pieces_before) state->progress = self.now_;
    if (state->sent == state->body->size()) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return static_cast<ssize_t>(piece);
  }
};

Http2Session::Http2Session(Http2Limits limits) : limits_(limits) {
  nghttp2_session_callbacks* callbacks = nullptr;
  if (nghttp2_session_callbacks_new(&callbacks) != 0) throw std::bad_alloc();
  nghttp2_session_callbacks_set_on_begin_headers_callback(
      callbacks, &Callbacks::BeginHeaders);
  nghttp2_session_callbacks_set_on_header_callback(callbacks,
                                                   &Callbacks::Header);
  nghttp2_session_callbacks_set_on_frame_recv_callback(
      callbacks, &Callbacks::FrameReceived);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks,
                                                            &Callbacks::Data);
  nghttp2_session_callbacks_set_on_frame_send_callback(callbacks,
                                                       &Callbacks::FrameSent);
  nghttp2_session_callbacks_set_on_stream_close_callback(
      callbacks, &Callbacks::StreamClosed);
  const int failed = nghttp2_session_server_new(&session_, callbacks, this);
  nghttp2_session_callbacks_del(callbacks);
  if (failed != 0) throw std::bad_alloc();
  const std::array<nghttp2_settings_entry, 2> settings = {{
      {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, limits_.max_streams},
      {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE,
       static_cast<std::uint32_t>(limits_.max_header_bytes)},
  }};
  nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, settings.data(),
                          settings.size());
}

Http2Session::~Http2Session() { nghttp2_session_del(session_); }

bool Http2Session::Receive(std::string_view bytes, TimePoint now) {
  now_ = now;
  const ssize_t used = nghttp2_session_mem_recv(
      session_, reinterpret_cast<const std::uint8_t*>(bytes.data()),
      bytes.size());
  return used >= 0 && nghttp2_session_get_outbound_queue_size(session_) <=
                          kWaitingFrames * limits_.max_streams;
}

std::vector<Http2Session::Arrived> Http2Session::TakeRequests() {
  std::vector<Arrived> arrived = std::exchange(arrived_, {});
  // Reset since, in the same bytes perhaps.
  arrived.erase(std::remove_if(arrived.begin(), arrived.end(),
                               [this](const Arrived& a) {
                                 return streams_.count(a.stream) == 0;
                               }),
                arrived.end());
  return arrived;
}

std::vector<Http2Session::Stream> Http2Session::TakeClosed() {
  return std::exchange(closed_, {});
}

void Http2Session::Refuse(Stream stream, int status,
                          const std::string& reason) {
  State& state = streams_.at(stream);
  if (state.refusal != 0) return;
  state.refusal = status;
  state.request.body = std::string();
  Submit(stream,
         Response::Of(status, "text/plain; charset=utf-8", reason + "\n"),
         HttpDate(now_));
}

void Http2Session::Complete(Stream stream) {
  State& state = streams_.at(stream);
  state.complete = true;
  if (state.refusal == 0) {
    arrived_.push_back({stream, std::move(state.request)});
  }
}

void Http2Session::Respond(Stream stream, Response response,
                           std::string_view date, TimePoint now) {
  now_ = now;
  const auto found = streams_.find(stream);
  if (found == streams_.end() || found->second.answered) return;
  Submit(stream, response, date);
}

void Http2Session::Submit(Stream stream, const Response& response,
                          std::string_view date) {
  State& state = streams_.at(stream);
  state.answered = true;
  state.progress = now_;

  std::vector<std::pair<std::string, std::string>> fields;
  fields.emplace_back(":status", std::to_string(response.status));
  for (const auto& [name, value] : response.headers.fields()) {
    if (IsSendable(name, value)) fields.emplace_back(AsciiLower(name), value);
  }
  fields.emplace_back("date", date);
  const std::size_t size = response.body ? response.body->size() : 0;
  if (HasBody(response.status)) {
    fields.emplace_back("content-length", std::to_string(size));
  }
  std::vector<nghttp2_nv> block;
  block.reserve(fields.size());
  for (const auto& [name, value] : fields) block.push_back(Field(name, value));

  nghttp2_data_provider provider{};
  provider.read_callback = &Callbacks::ReadBody;
  const bool with_body = size > 0 && HasBody(response.status) && !state.is_head;
  if (with_body) state.body = response.body;
  nghttp2_submit_response(session_, stream, block.data(), block.size(),
                          with_body ? &provider : nullptr);
}

bool Http2Session::Send(std::string& out, std::size_t enough, TimePoint now) {
  now_ = now;
  while (out.size() < enough) {
    const std::uint8_t* bytes = nullptr;
    const ssize_t size = nghttp2_session_mem_send(session_, &bytes);
    if (size < 0) return false;
    if (size == 0) break;
    out.append(reinterpret_cast<const char*>(bytes),
               static_cast<std::size_t>(size));
  }
  return true;
}

bool Http2Session::Sweep(TimePoint now) {
  std::vector<Stream> late;
  for (const auto& [stream, state] : streams_) {
    if (!state.head_ended) {
      if (state.begun + limits_.header_timeout <= now) return false;
    } else if (state.answered) {
      if (state.progress + limits_.write_timeout <= now) late.push_back(stream);
    } else if (!state.complete && state.begun + limits_.body_timeout <= now) {
      late.push_back(stream);
    }
  }
  for (const Stream stream : late) {
    nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, stream,
                              NGHTTP2_CANCEL);
  }
  if (leaving_since_ && *leaving_since_ + kGoodbye <= now) NameLastStream();
  return true;
}

void Http2Session::GoAway(TimePoint now) {
  if (leaving_since_) return;
  leaving_since_ = now;
  nghttp2_submit_shutdown_notice(session_);
  // Acknowledged by whoever has read what was before it.
  nghttp2_submit_ping(session_, NGHTTP2_FLAG_NONE, nullptr);
}

void Http2Session::NameLastStream() {
  if (std::exchange(last_stream_named_, true)) return;
  nghttp2_submit_goaway(session_, NGHTTP2_FLAG_NONE,
                        nghttp2_session_get_last_proc_stream_id(session_),
                        NGHTTP2_NO_ERROR, nullptr, 0);
}

bool Http2Session::Finished() const {
  return nghttp2_session_want_read(session_) == 0 &&
         nghttp2_session_want_write(session_) == 0;
}

bool Http2Session::WantsWrite() const {
  return nghttp2_session_want_write(session_) != 0;
}

}  // namespace sextant::net
