#include "secret_servers.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "safe_url.h"
#include "sextant/base/text.h"

namespace sextant::cloud {
namespace {

constexpr std::size_t kMostBytes = std::size_t{64} * 1024;

// Before the second attempt, and those that follow.
constexpr Duration kPauses[] = {
    std::chrono::milliseconds(250), std::chrono::milliseconds(500),
    std::chrono::milliseconds(1000), std::chrono::milliseconds(2000)};

bool MayPass(int status) {
  return status == 408 || status == 429 || status == 500 || status == 503;
}

// Would it repeat what was sent?
bool WasSent(const net::ClientRequest& request, const std::string& text) {
  if (request.body.find(text) != std::string::npos) return true;
  const auto& fields = request.headers.fields();
  return std::any_of(fields.begin(), fields.end(), [&text](const auto& field) {
    return field.second.find(text) != std::string::npos;
  });
}

struct Attempt {
  Result<std::string> body;
  bool again = false;
};

Task<Attempt> AskOnce(const SecretServers& servers, net::HttpClient& client,
                      const net::ClientRequest& request, TimePoint deadline) {
  const Result<net::ClientResponse> reply =
      co_await net::SendAndGather(client, request, deadline, kMostBytes);
  if (!reply) {
    const ErrorCode code = reply.error().code;
    const bool late = code == ErrorCode::kDeadlineExceeded;
    Error error = servers.Failed(
        request.url, late ? "did not answer in time" : "cannot be asked");
    if (late) error.code = code;
    error.detail = reply.error().message;
    co_return Attempt{std::move(error), code == ErrorCode::kUnavailable};
  }
  if (reply->status != 200) {
    std::string code = servers.code_of(reply->body);
    if (WasSent(request, code)) code.clear();
    std::string why = "answers " + std::to_string(reply->status);
    if (!code.empty()) why += " (" + code + ")";
    co_return Attempt{servers.Failed(request.url, why), MayPass(reply->status)};
  }
  co_return Attempt{reply->body, false};
}

}  // namespace

net::HttpClient& SecretServers::For(const net::Url& url) const {
  return StaysOnNode(url) ? local : outside;
}

Error SecretServers::Failed(const net::Url& where,
                            const std::string& why) const {
  return Error{
      ErrorCode::kUnavailable,
      failure + ": " + where.scheme + "://" + where.Authority() + " " + why,
      ""};
}

net::ClientRequest FormRequest(
    net::Url url,
    const std::vector<std::pair<std::string, std::string>>& fields) {
  net::ClientRequest request;
  request.method = "POST";
  request.url = std::move(url);
  if (request.url.path.empty()) request.url.path = "/";
  request.headers.Set("Content-Type", "application/x-www-form-urlencoded");
  request.body = FormEncode(fields);
  return request;
}

Task<Result<std::string>> AskForSecret(const SecretServers& servers,
                                       net::HttpClient& client,
                                       net::ClientRequest request,
                                       TimePoint deadline) {
  for (const Duration pause : kPauses) {
    Attempt attempt = co_await AskOnce(servers, client, request, deadline);
    const TimePoint next = servers.clock.Now() + pause;
    if (!attempt.again || next >= deadline) co_return std::move(attempt.body);
    co_await servers.clock.SleepUntil(next);
  }
  Attempt last = co_await AskOnce(servers, client, request, deadline);
  co_return std::move(last.body);
}

}  // namespace sextant::cloud
