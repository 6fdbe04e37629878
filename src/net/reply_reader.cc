#include "reply_reader.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <optional>
#include <utility>

#include "gunzip.h"
#include "sextant/base/text.h"

namespace sextant::net {
namespace {

namespace http = boost::beast::http;
using boost::beast::error_code;
using BeastText = boost::beast::string_view;

// Servers send one or two (100, 103) before a reply; a stream of them would
// keep us busy until the deadline.
constexpr std::size_t kMostInterimReplies = 8;

std::string_view View(BeastText text) { return {text.data(), text.size()}; }

Error Unavailable(std::string why) {
  return {ErrorCode::kUnavailable, std::move(why), ""};
}

std::string TooLarge(const ReplyReader::Options& options) {
  return "its head is larger than " + std::to_string(options.max_header_bytes) +
         " bytes";
}

}  // namespace

// Beast does the framing (RFC 9112, section 6), and calls these functions.
class ReplyReader::Parser final : public http::basic_parser<false> {
 public:
  Parser(const Options& options, const BodySink& sink)
      : options_(options), sink_(sink) {
    header_limit(static_cast<std::uint32_t>(options.max_header_bytes));
    body_limit(boost::none);  // the sink's business
    skip(options.without_body);
    eager(true);
  }

  // The next byte is one of a chunk's size, or of the line end before it.
  bool AwaitsChunkSize() const {
    return is_header_done() && !is_done() && chunked() && chunk_left_ == 0;
  }

  bool IsInterim() const { return head.status / 100 == 1; }

  // Set when one of the functions below stopped the parser; it is from the sink
  // if `from_sink`.
  std::optional<Error> failure;
  bool from_sink = false;
  std::uint64_t body_bytes = 0;  // as sent
  ResponseHead head;

 private:
  void on_request_impl(http::verb, BeastText, BeastText, int,
                       error_code&) override {}

  void on_response_impl(int code, BeastText, int, error_code& failed) override {
    head.status = code;
    if (code < 100 || code > 599) {
      Stop("its status is " + std::to_string(code), failed);
    }
    if (code == 101) Stop("it changes the protocol unasked", failed);
  }

  void on_field_impl(http::field, BeastText name, BeastText value,
                     error_code& failed) override {
    // Beast's own limit is on one call of put(): it does not see a head that
    // comes in small parts.
    head_bytes_ += name.size() + value.size() + 4;
    if (head_bytes_ > options_.max_header_bytes) {
      return Stop(TooLarge(options_), failed);
    }
    if (head_done_) return;  // a trailer
    head.headers.Add(std::string(View(name)), std::string(View(value)));
  }

  void on_header_impl(error_code& failed) override {
    head_done_ = true;
    if (IsInterim() || is_done()) return;
    const std::string* transfer = head.headers.Find("Transfer-Encoding");
    if (transfer != nullptr && !EqualsIgnoringCase(*transfer, "chunked")) {
      return Stop("it has the transfer coding " + GoQuote(*transfer) +
                      ", which was not asked for",
                  failed);
    }
    const std::string* coding = head.headers.Find("Content-Encoding");
    if (coding == nullptr || EqualsIgnoringCase(*coding, "identity")) return;
    const bool gzip = EqualsIgnoringCase(*coding, "gzip") ||
                      EqualsIgnoringCase(*coding, "x-gzip");
    if (!gzip || !options_.gzip_asked) {
      return Stop("its body has the content coding " + GoQuote(*coding) +
                      ", which was not asked for",
                  failed);
    }
    gunzip_.emplace();
    Headers plain;
    for (const auto& [name, value] : head.headers.fields()) {
      if (!EqualsIgnoringCase(name, "Content-Encoding") &&
          !EqualsIgnoringCase(name, "Content-Length")) {
        plain.Add(name, value);
      }
    }
    head.headers = std::move(plain);
  }

  void on_body_init_impl(const boost::optional<std::uint64_t>&,
                         error_code&) override {}

  std::size_t on_body_impl(BeastText body, error_code& failed) override {
    Take(View(body), failed);
    return body.size();
  }

  void on_chunk_header_impl(std::uint64_t size, BeastText,
                            error_code&) override {
    chunk_left_ = size;
  }

  std::size_t on_chunk_body_impl(std::uint64_t, BeastText body,
                                 error_code& failed) override {
    chunk_left_ -= body.size();
    Take(View(body), failed);
    return body.size();
  }

  void on_finish_impl(error_code& failed) override {
    if (gunzip_ && !gunzip_->AtEnd()) {
      Stop("its gzip data ends too early", failed);
    }
  }

  void Take(std::string_view bytes, error_code& failed) {
    body_bytes += bytes.size();
    if (bytes.empty()) return;
    if (!gunzip_) {
      if (Result<Done> taken = sink_(head, bytes); !taken) {
        StopForSink(std::move(taken).error(), failed);
      }
      return;
    }
    Result<bool> fed = gunzip_->Feed(
        bytes, [this](std::string_view plain) { return sink_(head, plain); });
    if (!fed) return StopForSink(std::move(fed).error(), failed);
    if (!*fed) Stop("its body is not the gzip data it says it is", failed);
  }

  void Stop(std::string why, error_code& failed) {
    failure = Unavailable(std::move(why));
    failed = http::error::bad_value;  // any will do: failure is looked at
  }

  void StopForSink(Error error, error_code& failed) {
    failure = std::move(error);
    from_sink = true;
    failed = http::error::bad_value;
  }

  const Options& options_;
  const BodySink& sink_;
  std::optional<Gunzip> gunzip_;
  std::size_t head_bytes_ = 0;  // trailers included
  std::uint64_t chunk_left_ = 0;
  bool head_done_ = false;
};

ReplyReader::ReplyReader(Options options, BodySink sink)
    : options_(std::move(options)),
      sink_(std::move(sink)),
      parser_(std::make_unique<Parser>(options_, sink_)) {}

ReplyReader::~ReplyReader() = default;

Error ReplyReader::Broken(const std::string& why) const {
  return Unavailable("reading the reply of " + options_.source + ": " + why);
}

bool ReplyReader::Complete() const {
  return parser_->is_done() && !parser_->IsInterim();
}

bool ReplyReader::MayReuseConnection() const {
  return Complete() && parser_->keep_alive();
}

ResponseHead ReplyReader::TakeHead() { return std::move(parser_->head); }

// Gives the parser what it can use of `bytes`.
Result<Done> ReplyReader::Feed(std::string_view bytes, std::size_t& used) {
  used = 0;
  while (used < bytes.size()) {
    if (parser_->is_done()) {
      if (!parser_->IsInterim()) {
        return Broken("bytes follow the end that it declares");
      }
      if (++interim_replies_ > kMostInterimReplies) {
        return Broken("too many interim replies (1xx)");
      }
      parser_ = std::make_unique<Parser>(options_, sink_);
    }
    // Fewer cannot be the last chunk, and Beast 1.81 asserts that it never gets
    // fewer once it has seen the "0".
    if (parser_->AwaitsChunkSize() && bytes.size() - used < 5) return Done{};
    error_code failed;
    used += parser_->put(
        boost::asio::buffer(bytes.data() + used, bytes.size() - used), failed);
    if (parser_->failure) {
      if (parser_->from_sink) return std::move(*parser_->failure);
      return Broken(parser_->failure->message);
    }
    if (failed == http::error::need_more) return Done{};
    if (failed == http::error::header_limit) {
      return Broken(TooLarge(options_));
    }
    if (failed) return Broken("it is not HTTP/1.1 (" + failed.message() + ")");
  }
  return Done{};
}

Result<Done> ReplyReader::Put(std::string_view bytes) {
  if (bytes.empty()) return Done{};
  started_ = true;
  std::size_t used = 0;
  if (pending_.empty()) {
    if (Result<Done> fed = Feed(bytes, used); !fed) return fed;
    pending_ = bytes.substr(used);
  } else {
    pending_ += bytes;
    if (Result<Done> fed = Feed(pending_, used); !fed) return fed;
    pending_.erase(0, used);
  }
  // A chunk's extensions and the trailers, which the parser does not bound.
  if (pending_.size() > options_.max_header_bytes) {
    return Broken(TooLarge(options_));
  }
  return Done{};
}

Result<Done> ReplyReader::End() {
  if (Complete()) return Done{};
  if (!started_) return Broken("the connection ended without a reply");
  const std::string ended = "the connection ended ";
  if (parser_->IsInterim() || !parser_->got_some() ||
      !parser_->is_header_done()) {
    return Broken(ended + "within its head");
  }
  error_code failed;
  parser_->put_eof(failed);
  if (parser_->failure) return Broken(parser_->failure->message);
  if (!failed) return Done{};
  const std::string came =
      ended + "after " + std::to_string(parser_->body_bytes);
  if (const auto declared = parser_->content_length()) {
    return Broken(came + " of the " + std::to_string(*declared) +
                  " bytes of its body");
  }
  return Broken(came + " bytes of its body and before the last chunk");
}

}  // namespace sextant::net
