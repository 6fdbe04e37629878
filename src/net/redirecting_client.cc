#include "sextant/net/redirecting_client.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "sextant/base/text.h"

namespace sextant::net {
namespace {

constexpr std::size_t kMaxPlaceText = 256;

// Where a reply leads; null if it is no redirect.
const std::string* LocationOf(const ResponseHead& head) {
  constexpr std::array<int, 5> kRedirects = {301, 302, 303, 307, 308};
  if (std::find(kRedirects.begin(), kRedirects.end(), head.status) ==
      kRedirects.end()) {
    return nullptr;
  }
  const std::string* location = head.headers.Find("Location");
  return location && !location->empty() ? location : nullptr;
}

// For messages: a query may hold a token, and a path has no end.
std::string PlaceOf(Url url) {
  url.query.clear();
  std::string text = url.ToString();
  if (text.size() > kMaxPlaceText) {
    text.resize(kMaxPlaceText);
    text += "...";
  }
  return text;
}

bool StaysWithTheHost(const Url& from, const Url& to) {
  if (from.host != to.host) return false;
  if (from.scheme == to.scheme) return from.port == to.port;
  return from.scheme == "http" && to.scheme == "https" &&
         (from.port == to.port || (from.port == 80 && to.port == 443));
}

// What describes a body that is not sent any more goes with it.
Headers WithoutBodyHeaders(const Headers& headers) {
  constexpr std::array<std::string_view, 4> kOfBody = {
      "Content-Type", "Content-Encoding", "Content-Language",
      "Content-Location"};
  Headers kept;
  for (const auto& [name, value] : headers.fields()) {
    const bool of_body = std::any_of(kOfBody.begin(), kOfBody.end(),
                                     [&name = name](std::string_view one) {
                                       return EqualsIgnoringCase(one, name);
                                     });
    if (!of_body) kept.Add(name, value);
  }
  return kept;
}

// Passes bodies on to `sink`, those of redirects excepted.
class BodyFilter {
 public:
  BodyFilter(const BodySink& sink, std::size_t max_bytes)
      : sink_(sink), max_bytes_(max_bytes) {}

  Result<Done> Take(const ResponseHead& head, std::string_view piece) {
    if (!LocationOf(head)) return sink_(head, piece);
    bytes_ += piece.size();
    if (bytes_ <= max_bytes_) return Done{};
    cut_short_ = head;
    return Error{ErrorCode::kTooLarge, "the body of a redirect is too long",
                 ""};
  }

  // The redirect of whose body enough was read.
  std::optional<ResponseHead>& cut_short() { return cut_short_; }

 private:
  const BodySink& sink_;
  const std::size_t max_bytes_;
  std::size_t bytes_ = 0;
  std::optional<ResponseHead> cut_short_;
};

Error Refused(const Url& from, const Url& to, const std::string& why) {
  return {ErrorCode::kUnavailable,
          PlaceOf(from) + " redirects to " + PlaceOf(to) + ": " + why, ""};
}

// Changes `request` into the one for `to`.
void Redirect(ClientRequest& request, int status, Url to) {
  to.user_info = request.url.user_info;
  request.url = std::move(to);
  if (status == 307 || status == 308) return;
  if (request.method != "HEAD") request.method = "GET";
  request.body.clear();
  request.headers = WithoutBodyHeaders(request.headers);
  request.repeatable = true;
}

}  // namespace

RedirectingClient::RedirectingClient(Options options, HttpClient& inner)
    : options_(std::move(options)), inner_(inner) {}

Task<Result<ResponseHead>> RedirectingClient::Send(ClientRequest request,
                                                   TimePoint deadline,
                                                   BodySink sink) {
  for (std::size_t followed = 0;; ++followed) {
    BodyFilter filter(sink, options_.max_body_bytes);
    BodySink filtered = [&filter](const ResponseHead& head,
                                  std::string_view piece) {
      return filter.Take(head, piece);
    };
    ClientRequest sent = request;
    Result<ResponseHead> head =
        co_await inner_.Send(std::move(sent), deadline, std::move(filtered));
    if (filter.cut_short()) head = *std::move(filter.cut_short());
    if (!head) co_return head;
    const std::string* location = LocationOf(*head);
    if (!location) co_return head;

    Result<Url> to = ResolveReference(request.url, *location);
    if (!to) {
      co_return Error{ErrorCode::kUnavailable,
                      "the redirect of " + PlaceOf(request.url) +
                          " leads nowhere: " + to.error().message,
                      ""};
    }
    if (!StaysWithTheHost(request.url, *to)) {
      co_return Refused(
          request.url, *to,
          "not followed, as credentials never leave the host; write the final "
          "URL in " +
              options_.url_setting);
    }
    if (followed == options_.max_redirects) {
      co_return Refused(request.url, *to,
                        "not followed, after " + std::to_string(followed) +
                            " redirects; write the final URL in " +
                            options_.url_setting);
    }
    const bool repeats = head->status == 307 || head->status == 308;
    if (repeats && !request.repeatable) {
      co_return Refused(request.url, *to,
                        "not followed, as the request must not be sent twice; "
                        "write the final URL in " +
                            options_.url_setting);
    }
    Redirect(request, head->status, *std::move(to));
  }
}

}  // namespace sextant::net
