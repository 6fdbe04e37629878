#include "dialect_finder.h"

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>

#include "sextant/base/json.h"
#include "sextant/base/text.h"
#include "sextant/obs/log.h"

namespace sextant::backend {
namespace {

constexpr std::chrono::seconds kAskAgain{10};

std::optional<Recognition> RecogniseUrl(const net::Url& url) {
  const std::string host = AsciiLower(url.host);
  for (const Dialect& dialect : Dialects()) {
    for (const std::string_view ending : dialect.hosts) {
      if (host.ends_with(ending)) {
        return Recognition{&dialect, "its host ends in " + std::string(ending)};
      }
    }
    for (const std::string_view part : dialect.paths) {
      if (url.path.find(part) != std::string::npos) {
        return Recognition{&dialect,
                           "its URL has " + std::string(part) + " in it"};
      }
    }
  }
  return std::nullopt;
}

std::string Field(const nlohmann::json& build, const char* name) {
  const auto found = build.find(name);
  if (found == build.end() || !found->is_string()) return "";
  return found->get<std::string>();
}

bool Contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

Recognition RecogniseBuild(const nlohmann::json& build) {
  const std::string application = Field(build, "application");
  if (Contains(application, "Mimir") || Contains(application, "Cortex") ||
      Contains(application, "Grafana")) {
    return {FindDialect("mimir"),
            "its buildinfo names the application " + GoQuote(application)};
  }
  const std::string revision = Field(build, "revision");
  if (revision.starts_with("gmp/")) {
    return {FindDialect("google"), "its buildinfo has revision " + revision};
  }
  const std::string version = Field(build, "version");
  // Prometheus had buildinfo from 2.14 on; Thanos is still at 0.
  if (version.starts_with("0.")) {
    return {FindDialect("thanos"), "its buildinfo has version " + version +
                                       ", and only Thanos' begin with 0"};
  }
  if (!version.empty()) {
    return {&PrometheusDialect(), "its buildinfo has version " + version};
  }
  return {&CautiousDialect(), "its buildinfo names no version"};
}

}  // namespace

DialectFinder::DialectFinder(const Dialect* chosen, const net::Url& url) {
  if (chosen != nullptr) {
    chosen_ = decided_ = true;
    current_ = {chosen, "--backend says so"};
    return;
  }
  const std::optional<Recognition> by_url = RecogniseUrl(url);
  if (!by_url) return;
  decided_ = true;
  Take(*by_url->dialect, by_url->why);
}

bool DialectFinder::ShouldAsk(TimePoint now) const {
  return !decided_ && now >= ask_at_;
}

void DialectFinder::Hear(const net::ResponseHead& head) {
  if (chosen_ || head.headers.Find("X-Server-Hostname") == nullptr) return;
  decided_ = true;
  Take(*FindDialect("victoriametrics"),
       "its replies carry the header X-Server-Hostname");
}

void DialectFinder::HearBuild(const net::ClientResponse& reply, TimePoint now) {
  Hear({reply.status, reply.headers});
  if (decided_) return;
  // 401 tells of the credentials, not of the backend.
  if (reply.status >= 500 || reply.status == 429 || reply.status == 401) {
    HearNothing(now);
    return;
  }
  decided_ = true;
  const Result<nlohmann::json> document = ParseJson(reply.body);
  if (reply.status != 200 || !document || !document->is_object() ||
      !document->contains("data") || !(*document)["data"].is_object()) {
    Take(CautiousDialect(), "it does not tell its buildinfo (status " +
                                std::to_string(reply.status) +
                                "); --backend can");
    return;
  }
  Recognition built = RecogniseBuild((*document)["data"]);
  Take(*built.dialect, std::move(built.why));
}

void DialectFinder::HearNothing(TimePoint now) { ask_at_ = now + kAskAgain; }

void DialectFinder::Take(const Dialect& dialect, std::string why) {
  if (current_.dialect == &dialect && current_.why == why) return;
  current_ = {&dialect, std::move(why)};
  obs::Info("backend recognised",
            {{"dialect", std::string(dialect.name)}, {"why", current_.why}});
}

}  // namespace sextant::backend
