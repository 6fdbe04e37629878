#include "http1_codec.h"

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <limits>
#include <utility>
#include <vector>

#include "response_rules.h"
#include "sextant/base/text.h"

namespace sextant::net {
namespace {

namespace http = boost::beast::http;

// What chunk sizes, extensions and trailers may need beside the body itself.
constexpr std::size_t kMaxChunkLine = 8 * 1024;
constexpr std::size_t kMaxFramingPerByte = 8;

// A connection that waits should not keep the memory of its last request.
constexpr std::size_t kKeptCapacity = 4 * 1024;

bool IsDecimal(std::string_view text) {
  return !text.empty() && text.size() <= 19 &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return c >= '0' && c <= '9'; });
}

bool IsControl(char c) {
  return (c >= '\0' && c < ' ' && c != '\t') || c == '\x7f';
}

}  // namespace

// Beast's parser, writing straight into a Request.
class Http1Decoder::Parser final : public http::basic_parser<true> {
 public:
  Request request;
  int version = 11;
  bool head_ended = false;

  // Why the head is refused although it is well-formed; status 0 if it is not.
  Refusal Examine();

 private:
  using error_code = boost::beast::error_code;
  using string_view = boost::beast::string_view;

  void on_request_impl(http::verb, string_view method, string_view target,
                       int http_version, error_code&) override {
    request.method.assign(method.data(), method.size());
    request.target.assign(target.data(), target.size());
    version = http_version;
  }
  void on_response_impl(int, string_view, int, error_code&) override {}
  void on_field_impl(http::field, string_view name, string_view value,
                     error_code&) override {
    if (head_ended) return;  // a trailer
    request.headers.Add({name.data(), name.size()},
                        {value.data(), value.size()});
  }
  void on_header_impl(error_code&) override { head_ended = true; }
  void on_body_init_impl(const boost::optional<std::uint64_t>&,
                         error_code&) override {}
  std::size_t on_body_impl(string_view piece, error_code&) override {
    request.body.append(piece.data(), piece.size());
    return piece.size();
  }
  void on_chunk_header_impl(std::uint64_t, string_view extension,
                            error_code& ec) override {
    // Beast lets them pass in quotes; who splits lines at LF alone would see
    // another chunk there.
    if (std::any_of(extension.begin(), extension.end(), IsControl)) {
      ec = http::error::bad_chunk_extension;
    }
  }
  std::size_t on_chunk_body_impl(std::uint64_t, string_view piece,
                                 error_code&) override {
    request.body.append(piece.data(), piece.size());
    return piece.size();
  }
  void on_finish_impl(error_code&) override {}

  Refusal ExamineTarget();
};

Http1Decoder::Refusal Http1Decoder::Parser::Examine() {
  // Beast takes a list of equal lengths for one, ignores codings it does not
  // know, and looks at neither in the light of the version.
  const std::vector<std::string> lengths =
      request.headers.FindAll("Content-Length");
  const std::vector<std::string> codings =
      request.headers.FindAll("Transfer-Encoding");
  if (lengths.size() > 1) return {400, "more than one Content-Length"};
  if (!lengths.empty() && !IsDecimal(lengths[0])) {
    return {400, "Content-Length is not a number"};
  }
  if (codings.size() > 1) return {400, "more than one Transfer-Encoding"};
  if (!codings.empty()) {
    if (version < 11) return {400, "Transfer-Encoding in HTTP/1.0"};
    if (!lengths.empty()) {
      return {400, "both Content-Length and Transfer-Encoding"};
    }
    if (!EqualsIgnoringCase(codings[0], "chunked")) {
      return {400, "a Transfer-Encoding other than chunked"};
    }
  }
  const std::size_t hosts = request.headers.FindAll("Host").size();
  if (hosts > 1) return {400, "more than one Host"};
  if (hosts == 0 && version >= 11) return {400, "missing Host"};
  const std::string* expect = request.headers.Find("Expect");
  if (expect != nullptr && version >= 11 &&
      !EqualsIgnoringCase(*expect, "100-continue")) {
    return {417, "an expectation other than 100-continue"};
  }
  return ExamineTarget();
}

// Servers must understand "GET http://host/path" too (RFC 9112, 3.2.2), whose
// host then counts instead of the Host field.
Http1Decoder::Refusal Http1Decoder::Parser::ExamineTarget() {
  std::string& target = request.target;
  if (target.front() == '/') return {};
  if (target == "*" && request.method == "OPTIONS") return {};
  const std::size_t scheme = target.find("://");
  if (scheme != std::string::npos) {
    const std::string name = AsciiLower(target.substr(0, scheme));
    const std::size_t authority = scheme + 3;
    const std::size_t path = target.find_first_of("/?#", authority);
    const std::string host = target.substr(authority, path - authority);
    if ((name == "http" || name == "https") && !host.empty()) {
      request.headers.Set("Host", host);
      std::string rest = path == std::string::npos ? "" : target.substr(path);
      if (rest.empty() || rest.front() != '/') rest.insert(0, "/");
      target = std::move(rest);
      return {};
    }
  }
  return {400, "the request target is not a path"};
}

Http1Decoder::Http1Decoder(Http1Limits limits) : limits_(limits) {}
Http1Decoder::~Http1Decoder() = default;

void Http1Decoder::Feed(std::string_view bytes) {
  if (refusal_.status == 0) buffer_.append(bytes);
}

Http1Decoder::Phase Http1Decoder::phase() const {
  if (parser_) return Phase::kBody;
  return buffer_.empty() ? Phase::kIdle : Phase::kHead;
}

Http1Decoder::Step Http1Decoder::Refuse(int status, std::string reason) {
  refusal_ = Refusal{status, std::move(reason)};
  buffer_.clear();
  parser_.reset();
  return Step::kRefused;
}

Http1Decoder::Step Http1Decoder::Next() {
  if (refusal_.status != 0) return Step::kRefused;
  if (!parser_) {
    if (!FindHead()) {
      return refusal_.status == 0 ? Step::kNeedMore : Step::kRefused;
    }
    if (!ParseHead()) return Step::kRefused;
  }
  if (!parser_->is_done() && !ParseBody()) return Step::kRefused;
  if (parser_->is_done()) return Step::kRequest;
  if (continue_asked_) {
    continue_asked_ = false;
    if (body_wire_bytes_ == 0 && buffer_.empty()) return Step::kContinue;
  }
  return Step::kNeedMore;
}

bool Http1Decoder::FindHead() {
  for (;;) {
    const std::size_t end = buffer_.find('\n', scanned_);
    if (std::min(end, buffer_.size()) >= limits_.max_header_bytes) {
      if (line_begin_ == 0) {
        Refuse(414, "the request target is too long");
      } else {
        Refuse(431, "the request header is too large");
      }
      return false;
    }
    if (end == std::string::npos) {
      scanned_ = buffer_.size();
      return false;
    }
    const std::string_view line =
        std::string_view(buffer_).substr(line_begin_, end - line_begin_);
    if (line.empty() || line.find('\r') != line.size() - 1) {
      Refuse(400, "a line of the head does not end with CR LF");
      return false;
    }
    if (line_begin_ > 0 && (line.front() == ' ' || line.front() == '\t')) {
      Refuse(400, "a folded header line");
      return false;
    }
    line_begin_ = scanned_ = end + 1;
    if (line.size() == 1) {
      head_bytes_ = line_begin_;
      return true;
    }
  }
}

bool Http1Decoder::ParseHead() {
  parser_ = std::make_unique<Parser>();
  parser_->eager(true);
  parser_->header_limit(std::numeric_limits<std::uint32_t>::max());
  parser_->body_limit(limits_.max_body_bytes);
  boost::beast::error_code failed;
  parser_->put(boost::asio::const_buffer(buffer_.data(), head_bytes_), failed);
  // Beast asks for the body it has not been given yet.
  if (failed == http::error::need_more && parser_->head_ended) failed = {};
  if (failed == http::error::body_limit) {
    Refuse(413, "the request body is too large");
    return false;
  }
  if (failed || !parser_->head_ended) {
    const bool version = failed == http::error::bad_version;
    Refuse(400, version ? "not HTTP/1.1 or HTTP/1.0"
                        : "malformed request: " + failed.message());
    return false;
  }
  Refusal refusal = parser_->Examine();
  if (refusal.status != 0) {
    Refuse(refusal.status, std::move(refusal.reason));
    return false;
  }
  buffer_.erase(0, head_bytes_);
  continue_asked_ = parser_->version >= 11 &&
                    parser_->request.headers.Find("Expect") != nullptr;
  return true;
}

bool Http1Decoder::ParseBody() {
  std::size_t used = 0;
  boost::beast::error_code failed;
  while (!failed && used < buffer_.size() && !parser_->is_done()) {
    // Every chunked body ends with five bytes of framing; given fewer, Beast
    // trips over its own assertion.
    if (parser_->chunked() && buffer_.size() - used < 5) break;
    used += parser_->put(
        boost::asio::const_buffer(buffer_.data() + used, buffer_.size() - used),
        failed);
  }
  if (failed && failed != http::error::need_more) {
    const bool large = failed == http::error::body_limit;
    Refuse(large ? 413 : 400, large ? "the request body is too large"
                                    : "malformed body: " + failed.message());
    return false;
  }
  buffer_.erase(0, used);
  body_wire_bytes_ += used;
  if (parser_->is_done()) return true;
  // Only the framing of chunks is ever left over, or larger than the body.
  if (buffer_.size() > kMaxChunkLine) {
    Refuse(400, "a chunk's size line or the trailer is too long");
    return false;
  }
  if (body_wire_bytes_ >
      2 * kMaxChunkLine + kMaxFramingPerByte * parser_->request.body.size()) {
    Refuse(400, "more framing than body");
    return false;
  }
  return true;
}

Request Http1Decoder::TakeRequest() {
  keep_alive_ = parser_->version >= 11 && parser_->keep_alive();
  Request request = std::move(parser_->request);
  parser_.reset();
  line_begin_ = scanned_ = head_bytes_ = body_wire_bytes_ = 0;
  continue_asked_ = false;
  if (buffer_.empty() && buffer_.capacity() > kKeptCapacity) {
    buffer_ = std::string();
  }
  return request;
}

std::string EncodeHttp1Head(const Response& response, bool keep_alive,
                            std::string_view date) {
  std::string head = "HTTP/1.1 " + std::to_string(response.status) + " ";
  head += ReasonPhrase(response.status);
  head += "\r\n";
  for (const auto& [name, value] : response.headers.fields()) {
    if (!IsSendable(name, value)) continue;
    head.append(name).append(": ").append(value).append("\r\n");
  }
  head.append("Date: ").append(date).append("\r\n");
  if (HasBody(response.status)) {
    const std::size_t size = response.body ? response.body->size() : 0;
    head += "Content-Length: " + std::to_string(size) + "\r\n";
  }
  if (!keep_alive) head += "Connection: close\r\n";
  head += "\r\n";
  return head;
}

}  // namespace sextant::net
