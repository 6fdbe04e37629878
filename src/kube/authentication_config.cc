#include "sextant/kube/authentication_config.h"

#include <chrono>
#include <memory>
#include <utility>

#include "backoff.h"
#include "line_splitter.h"
#include "sextant/base/json.h"
#include "sextant/base/json_fields.h"
#include "sextant/base/text.h"
#include "sextant/obs/log.h"

namespace sextant::kube {
namespace {

constexpr char kMaps[] = "/api/v1/namespaces/kube-system/configmaps";
constexpr char kMapName[] = "extension-apiserver-authentication";
constexpr char kOnlyIt[] =
    "?fieldSelector=metadata.name%3Dextension-apiserver-authentication";
constexpr char kDoing[] =
    "reading the ConfigMap kube-system/extension-apiserver-authentication";

constexpr Duration kLookTime = std::chrono::seconds(10);
// How long a watch lasts, and so the time between two looks.
constexpr std::chrono::seconds kWatchTime{60};
// The server ends the watch; if it does not, we do.
constexpr Duration kWatchGrace = std::chrono::seconds(5);
// A watch that ends sooner counts as a failure, lest we look all the time.
constexpr Duration kShortWatch = std::chrono::seconds(5);
// A ConfigMap is at most 1 MiB, before its escapes.
constexpr std::size_t kMostEvent = std::size_t{8} << 20U;

Error Mistake(const std::string& key, const std::string& what) {
  return {ErrorCode::kInvalidArgument, key + ": " + what, ""};
}

// Takes the values of the ConfigMap; the first mistake counts.
class DataReader {
 public:
  explicit DataReader(const std::map<std::string, std::string>& data)
      : data_(data) {}

  std::string Certificates(const char* key) {
    std::string pem = Text(key);
    if (!pem.empty() &&
        pem.find("-----BEGIN CERTIFICATE") == std::string::npos) {
      Fail(key, "there is no certificate in it");
    }
    return pem;
  }

  // A list of texts as JSON.
  std::vector<std::string> List(const char* key) {
    const std::string text = Text(key);
    if (text.empty()) return {};
    const Result<nlohmann::json> list = ParseJson(text);
    if (!list) {
      Fail(key, list.error().message);
      return {};
    }
    if (list->is_null()) return {};
    std::vector<std::string> texts = Texts(*list);
    if (!list->is_array() || texts.size() != list->size()) {
      Fail(key, R"(must be a list of texts, such as ["X-Remote-User"])");
    }
    return texts;
  }

  // The same, of names of headers: an empty one would be in each request, as a
  // prefix at least.
  std::vector<std::string> Headers(const char* key) {
    std::vector<std::string> names = List(key);
    for (const std::string& name : names) {
      if (name.empty()) Fail(key, "a name in it is empty");
    }
    return names;
  }

  const std::optional<Error>& failure() const { return failure_; }

 private:
  std::string Text(const char* key) const {
    const auto found = data_.find(key);
    return found == data_.end() ? std::string() : found->second;
  }

  void Fail(const char* key, const std::string& what) {
    if (!failure_) failure_ = Mistake(key, what);
  }

  const std::map<std::string, std::string>& data_;
  std::optional<Error> failure_;
};

Result<AuthenticationConfig> ReadConfigMap(const nlohmann::json& config_map) {
  std::map<std::string, std::string> data;
  const nlohmann::json* const values = Member(config_map, "data");
  if (values != nullptr && values->is_object()) {
    for (const auto& [key, value] : values->items()) {
      if (value.is_string()) data[key] = value.get<std::string>();
    }
  }
  return ParseAuthenticationConfig(data);
}

Error Refused(const Reply& reply) {
  Error error = ErrorOf(reply, kDoing);
  if (reply.status == 403) {
    error.message +=
        "; bind the Role extension-apiserver-authentication-reader of the "
        "namespace kube-system to the account that sextant asks with";
  }
  return error;
}

Error Unreadable() {
  return {ErrorCode::kUnavailable,
          std::string(kDoing) + ": the API server's answer is none", ""};
}

}  // namespace

Result<AuthenticationConfig> ParseAuthenticationConfig(
    const std::map<std::string, std::string>& data) {
  DataReader reader(data);
  AuthenticationConfig config;
  config.client_ca_pem = reader.Certificates("client-ca-file");
  config.requestheader_ca_pem =
      reader.Certificates("requestheader-client-ca-file");
  config.allowed_names = reader.List("requestheader-allowed-names");
  config.username_headers = reader.Headers("requestheader-username-headers");
  config.group_headers = reader.Headers("requestheader-group-headers");
  config.extra_prefixes = reader.Headers("requestheader-extra-headers-prefix");
  config.uid_headers = reader.Headers("requestheader-uid-headers");
  if (reader.failure()) return *reader.failure();
  return config;
}

AuthenticationConfigFollower::AuthenticationConfigFollower(Client& client,
                                                           Clock& clock,
                                                           Take take,
                                                           Report report)
    : client_(client),
      clock_(clock),
      take_(std::move(take)),
      report_(std::move(report)) {}

Task<Result<Done>> AuthenticationConfigFollower::Load(TimePoint deadline) {
  Request request;
  request.path = std::string(kMaps) + "/" + kMapName;
  const Result<Reply> reply =
      co_await client_.Send(std::move(request), deadline);
  if (!reply) co_return Error(reply.error()).Within(kDoing);
  if (reply->status == 404) {
    obs::Warn(
        "the cluster has no ConfigMap with the certificate authorities of "
        "callers; until it has, nobody is known by a certificate",
        {{"namespace", "kube-system"}, {"name", kMapName}});
    co_return Done{};
  }
  if (reply->status >= 400) co_return Refused(*reply);
  const Result<nlohmann::json> config_map = ParseJson(reply->body);
  if (!config_map || TextOf(*config_map, "kind") != "ConfigMap") {
    co_return Unreadable();
  }
  co_return Offer(*config_map);
}

Task<void> AuthenticationConfigFollower::Run() {
  Backoff backoff;
  for (;;) {
    const Result<std::string> version = co_await Look();
    if (version) {
      const TimePoint began = clock_.Now();
      const Result<Done> ended = co_await Watch(*version);
      if (ended && clock_.Now() - began >= kShortWatch) {
        backoff.Reset();
        continue;
      }
    } else {
      report_(version.error());
    }
    co_await clock_.SleepUntil(clock_.Now() + backoff.Next(client_.Jitter()));
  }
}

Task<Result<std::string>> AuthenticationConfigFollower::Look() {
  Request request;
  request.path = std::string(kMaps) + kOnlyIt;
  const Result<Reply> reply =
      co_await client_.Send(std::move(request), clock_.Now() + kLookTime);
  if (!reply) co_return Error(reply.error()).Within(kDoing);
  if (reply->status >= 400) co_return Refused(*reply);
  const Result<nlohmann::json> list = ParseJson(reply->body);
  const nlohmann::json* const metadata =
      list ? Member(*list, "metadata") : nullptr;
  if (metadata == nullptr) co_return Unreadable();
  const nlohmann::json& items = ItemsOf(*list, "items");
  // One that is not there leaves what was taken, and is nobody's mistake.
  report_(items.empty() ? Result<Done>(Done{}) : Offer(items.front()));
  co_return TextOf(*metadata, "resourceVersion");
}

Task<Result<Done>> AuthenticationConfigFollower::Watch(std::string version) {
  Request request;
  request.path = std::string(kMaps) + kOnlyIt +
                 "&watch=true&resourceVersion=" + FormEscape(version) +
                 "&timeoutSeconds=" + std::to_string(kWatchTime.count());
  // Shared, because a client may keep its copy of the sink longer than us.
  const auto lines = std::make_shared<LineSplitter>(kMostEvent);
  std::function<Result<Done>(std::string_view)> take =
      [this, lines](std::string_view piece) {
        return lines->Put(
            piece, [this](std::string_view line) { return OnEvent(line); });
      };
  const TimePoint end = clock_.Now() + kWatchTime + kWatchGrace;
  const Result<Reply> reply =
      co_await client_.Stream(std::move(request), end, std::move(take));
  Result<Done> ended = Done{};
  if (!reply) {
    // A watch that went silent has lasted for its time all the same.
    if (reply.error().code == ErrorCode::kDeadlineExceeded) co_return ended;
    ended = reply.error();
  } else if (reply->status != 200) {
    ended = Refused(*reply);
  }
  // The next look sees what this watch did not: nothing that is worth a line.
  if (!ended) {
    obs::Debug("a watch ended early",
               {{"name", kMapName}, {"error", ended.error().message}});
  }
  co_return ended;
}

Result<Done> AuthenticationConfigFollower::OnEvent(std::string_view line) {
  const Result<nlohmann::json> event = ParseJson(line);
  const std::string type = event ? TextOf(*event, "type") : "";
  const nlohmann::json* const object =
      event ? Member(*event, "object") : nullptr;
  if (object == nullptr) return Unreadable();
  if (type == "ERROR") {
    return Error{ErrorCode::kUnavailable, TextOf(*object, "message"), ""};
  }
  if (type == "ADDED" || type == "MODIFIED") report_(Offer(*object));
  return Done{};
}

Result<Done> AuthenticationConfigFollower::Offer(
    const nlohmann::json& config_map) {
  Result<AuthenticationConfig> config = ReadConfigMap(config_map);
  if (!config) {
    return std::move(config).error().Within(
        "the ConfigMap kube-system/extension-apiserver-authentication");
  }
  if (taken_ == *config) return Done{};
  Result<Done> taken = take_(*config);
  if (!taken) {
    return std::move(taken).error().Within(
        "the ConfigMap kube-system/extension-apiserver-authentication");
  }
  taken_ = *std::move(config);
  return Done{};
}

}  // namespace sextant::kube
