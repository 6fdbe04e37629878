#include "sextant/backend/prometheus.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>

#include "api_path.h"
#include "data_readers.h"
#include "dialect_finder.h"
#include "reply.h"
#include "sextant/backend/every_series.h"
#include "sextant/base/http_text.h"
#include "sextant/base/spawn.h"
#include "sextant/base/text.h"
#include "sextant/base/time_text.h"

namespace sextant::backend {
namespace {

constexpr std::size_t kUnlimited = std::numeric_limits<std::size_t>::max();
// Enough for every error text.
constexpr std::size_t kMostOfARefusal = std::size_t{64} * 1024;

// What is shorter is a word like any other.
constexpr std::size_t kLeastOfASecret = 6;

// Were the credentials refused?
bool IsRefusal(int status) { return status == 401 || status == 403; }

// Of the question for buildinfo.
constexpr std::chrono::seconds kBuildPatience{5};
constexpr std::size_t kMaxBuild = std::size_t{64} * 1024;

// Values of the label `outcome`.
std::string OutcomeOf(const Result<Done>& judged) {
  if (judged) return "success";
  switch (judged.error().code) {
    case ErrorCode::kDeadlineExceeded:
      return "timeout";
    case ErrorCode::kInvalidArgument:
      return "refused";
    case ErrorCode::kTooLarge:
      return "too_large";
    default:
      return "unavailable";
  }
}

// The label `path` of the durations: as the peer's for what it asks too.
std::string PathOf(const std::string& endpoint) {
  return endpoint == "label_values" ? "/api/v1/label/values"
                                    : "/api/v1/" + endpoint;
}

// VictoriaMetrics sorts nothing, and a proxy in front of several servers may
// tell a name twice.
std::vector<std::string> Sorted(std::vector<std::string> strings) {
  std::sort(strings.begin(), strings.end());
  strings.erase(std::unique(strings.begin(), strings.end()), strings.end());
  return strings;
}

// A form's blanks are '+', and its plus signs %2B.
void PercentBlanks(std::string& query) {
  for (std::size_t at = 0; (at = query.find('+', at)) != std::string::npos;) {
    query.replace(at, 1, "%20");
  }
}

std::vector<std::pair<std::string, std::string>> SeriesParameters(
    SeriesMatch match) {
  return {{"match[]", std::move(match.selector)},
          {"start", FormatUnixSeconds(match.start)},
          {"end", FormatUnixSeconds(match.end)}};
}

}  // namespace

PrometheusBackend::PrometheusBackend(Options options, net::HttpClient& client,
                                     Clock& clock, obs::Metrics& metrics)
    : options_(std::move(options)),
      client_(client),
      clock_(clock),
      metrics_(metrics),
      finder_(std::make_unique<DialectFinder>(options_.dialect, options_.url)) {
}

PrometheusBackend::~PrometheusBackend() = default;

// These four are no coroutines: what they were given by reference is used up
// when they return.

Task<Result<std::vector<std::string>>> PrometheusBackend::LabelValues(
    const std::string& label, SeriesMatch match, TimePoint deadline) {
  // Names of metrics come by the thousand, and are alike.
  return Strings({.endpoint = "label_values",
                  .path = "label/" + LabelSegment(label) + "/values",
                  .parameters = SeriesParameters(std::move(match)),
                  .gzip = label == "__name__"},
                 deadline);
}

Task<Result<std::vector<std::string>>> PrometheusBackend::LabelNames(
    SeriesMatch match, TimePoint deadline) {
  return Strings({.endpoint = "labels",
                  .path = "labels",
                  .parameters = SeriesParameters(std::move(match))},
                 deadline);
}

Task<Result<Done>> PrometheusBackend::Series(SeriesMatch match,
                                             TimePoint deadline,
                                             SeriesSink sink) {
  // The one reply that is long as a rule, and 12 to 50 times smaller so.
  return ReadSeries({.endpoint = "series",
                     .path = "series",
                     .parameters = SeriesParameters(std::move(match)),
                     .gzip = true},
                    deadline, std::move(sink));
}

Task<Result<model::QueryResult>> PrometheusBackend::Query(
    const std::string& promql, TimePoint time, TimePoint deadline) {
  // The backend stops by itself, should it not notice that the connection is
  // gone.  An hour at most: Prometheus refuses what overflows.
  const Duration left =
      std::min<Duration>(deadline - clock_.Now(), std::chrono::hours(1));
  return ReadQuery(
      {.endpoint = "query",
       .path = "query",
       .parameters = {{"query", promql},
                      {"time", FormatUnixSeconds(time)},
                      {"timeout", FormatUnixSeconds(TimePoint(left))}}},
      deadline);
}

Recognition PrometheusBackend::recognised() const { return finder_->current(); }

Task<Result<std::vector<std::string>>> PrometheusBackend::Strings(
    Question question, TimePoint deadline) {
  StringsReader reader;
  Reply reply(reader, options_.max_reply);
  const Result<Done> done =
      co_await Exchange(std::move(question), deadline, reply);
  if (!done) co_return done.error();
  co_return Sorted(std::move(reader.strings));
}

Task<Result<Done>> PrometheusBackend::ReadSeries(Question question,
                                                 TimePoint deadline,
                                                 SeriesSink sink) {
  SeriesReader reader(std::move(sink));
  Reply reply(reader, kUnlimited);
  co_return co_await Exchange(std::move(question), deadline, reply);
}

Task<Result<model::QueryResult>> PrometheusBackend::ReadQuery(
    Question question, TimePoint deadline) {
  QueryReader reader;
  Reply reply(reader, options_.max_reply);
  const Result<Done> done =
      co_await Exchange(std::move(question), deadline, reply);
  if (!done) co_return done.error();
  reader.result.warnings = std::move(reply.warnings());
  co_return std::move(reader.result);
}

Task<Result<Done>> PrometheusBackend::Exchange(Question question,
                                               TimePoint deadline,
                                               Reply& reply) {
  const std::string endpoint = question.endpoint;
  Result<Done> judged = co_await Recognise(deadline);
  const TimePoint start = clock_.Now();
  if (judged && start >= deadline) {
    judged = Error{ErrorCode::kDeadlineExceeded,
                   "no time was left to ask the backend", ""};
  }
  net::ClientRequest request;
  if (judged) {
    request = MakeRequest(std::move(question));
    judged = co_await Authorize(request, deadline);
  }
  if (judged) {
    const Result<net::ResponseHead> sent =
        co_await SendAuthorized(request, deadline, reply);
    if (sent) finder_->Hear(*sent);
    if (sent && sent->status != 200) HideCredentials(request, reply);
    judged = reply.Judge(sent, *finder_->current().dialect);
    if (sent) {
      Observe(endpoint, clock_.Now() - start);
      if (!judged) judged = Refused(judged.error(), sent->status);
    }
  }
  Count(endpoint, OutcomeOf(judged));
  co_return judged;
}

Task<Result<net::ResponseHead>> PrometheusBackend::SendAuthorized(
    net::ClientRequest& request, TimePoint deadline, Reply& reply) {
  net::BodySink to_reply = [&reply](const net::ResponseHead& head,
                                    std::string_view piece) {
    return reply.Take(head, piece);
  };
  if (!HasSigner()) {
    co_return co_await client_.Send(std::move(request), deadline,
                                    std::move(to_reply));
  }
  // A refusal is not the reply unless it is the last word.
  std::string refusal;
  net::BodySink first = [&](const net::ResponseHead& head,
                            std::string_view piece) -> Result<Done> {
    if (!IsRefusal(head.status)) return reply.Take(head, piece);
    refusal += piece.substr(0, kMostOfARefusal - refusal.size());
    return Done{};
  };
  const Result<net::ResponseHead> sent =
      co_await client_.Send(request, deadline, std::move(first));
  if (!sent || !IsRefusal(sent->status)) co_return sent;
  if (!options_.signer->Renew(request, sent->status, clock_.Now())) {
    if (Result<Done> taken = reply.Take(*sent, refusal); !taken) {
      co_return std::move(taken).error();
    }
    co_return sent;
  }
  const Result<Done> authorized =
      co_await options_.signer->Sign(request, clock_.Now(), deadline);
  if (!authorized) co_return authorized.error();
  co_return co_await client_.Send(request, deadline, std::move(to_reply));
}

void PrometheusBackend::HideCredentials(const net::ClientRequest& sent,
                                        Reply& reply) const {
  const auto hide = [&reply](std::string_view secret) {
    if (secret.size() >= kLeastOfASecret) reply.Hide(secret);
  };
  const auto hide_value = [&hide](const std::string& value) {
    hide(value);
    hide(std::string_view(value).substr(value.rfind(' ') + 1));  // "Bearer x"
  };
  for (const auto& [name, value] : options_.headers.fields()) {
    hide_value(value);
  }
  // What a signer adds.
  for (const char* name : {"Authorization", "X-Amz-Security-Token"}) {
    if (const auto* value = sent.headers.Find(name)) hide_value(*value);
  }
  const std::string& user = options_.url.user_info;
  if (user.empty()) return;
  hide_value(BasicCredentials(user));
  hide(std::string_view(user).substr(user.find(':') + 1));
}

bool PrometheusBackend::HasSigner() const {
  return options_.signer != nullptr &&
         options_.headers.Find("Authorization") == nullptr;
}

Task<Result<Done>> PrometheusBackend::Recognise(TimePoint deadline) {
  if (!finder_->ShouldAsk(clock_.Now()) || clock_.Now() >= deadline) {
    co_return Done{};
  }
  Task<Result<Done>> asking = recognising_.Do(0, [this] { return AskBuild(); });
  const std::optional<Result<Done>> asked =
      co_await Before(clock_, deadline, std::move(asking));
  if (asked) co_return *asked;
  co_return Error{ErrorCode::kDeadlineExceeded,
                  "the backend did not tell its buildinfo in time", ""};
}

Task<Result<Done>> PrometheusBackend::AskBuild() {
  net::ClientRequest request = MakeRequest(
      {.endpoint = "buildinfo", .path = "status/buildinfo", .parameters = {}});
  const TimePoint deadline = clock_.Now() + kBuildPatience;
  Result<Done> done = co_await Authorize(request, deadline);
  if (!done) co_return done;
  const Result<net::ClientResponse> reply = co_await net::SendAndGather(
      client_, std::move(request), deadline, kMaxBuild);
  if (reply) {
    finder_->HearBuild(*reply, clock_.Now());
    Count("buildinfo", "success");
    co_return Done{};
  }
  done = reply.error();
  Count("buildinfo", OutcomeOf(done));
  // Who cannot be reached cannot be asked anything else; one that only takes
  // its time, or talks too much, can.
  if (reply.error().code == ErrorCode::kUnavailable) co_return done;
  finder_->HearNothing(clock_.Now());
  co_return Done{};
}

Task<Result<Done>> PrometheusBackend::Authorize(net::ClientRequest& request,
                                                TimePoint deadline) {
  if (HasSigner()) {
    co_return co_await options_.signer->Sign(request, clock_.Now(), deadline);
  }
  const std::string& user = options_.url.user_info;
  const bool decided = request.headers.Find("Authorization") != nullptr;
  if (user.empty() || decided) co_return Done{};
  request.headers.Set("Authorization", BasicCredentials(user));
  co_return Done{};
}

Error PrometheusBackend::Refused(Error error, int status) const {
  if (!IsRefusal(status)) return error;
  if (!error.detail.empty()) error.detail += "; ";
  error.detail += "credentials sent: " + options_.credentials;
  return error;
}

void PrometheusBackend::Count(const std::string& endpoint,
                              const std::string& outcome) {
  std::uint64_t*& counter = counters_[{endpoint, outcome}];
  if (counter == nullptr) {
    obs::MetricLabels labels = {{"endpoint", endpoint}, {"outcome", outcome}};
    if (!options_.name.empty()) labels["backend"] = options_.name;
    counter = &metrics_.Counter(
        "sextant_backend_requests_total",
        "Requests to the backend, by what came of them.", labels);
  }
  ++*counter;
}

void PrometheusBackend::Observe(const std::string& endpoint, Duration took) {
  obs::Histogram*& durations = durations_[endpoint];
  if (durations == nullptr) {
    // prometheus-adapter's own name, labels and buckets (section 9 of its
    // specification): dashboards have them.
    durations = &metrics_.Histogram(
        "prometheus_adapter_prometheus_client_request_duration_seconds",
        "How long the backend took, for each path of its API.",
        {.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
        {{"path", PathOf(endpoint)}, {"server", options_.url.ToString()}});
  }
  durations->Observe(static_cast<double>(took.count()) / 1000);
}

bool PrometheusBackend::MayPost(const std::string& endpoint) const {
  if (endpoint == "query") return true;
  // Prometheus answers 405 to POST for the values of a label.
  const bool is_list = endpoint == "series" || endpoint == "labels";
  return is_list && finder_->current().dialect->posts_lists;
}

net::ClientRequest PrometheusBackend::MakeRequest(Question question) const {
  const Dialect& dialect = *finder_->current().dialect;
  Parameters& parameters = question.parameters;
  const auto more = question.endpoint == "query" ? dialect.with_queries
                    : question.endpoint == "buildinfo"
                        ? std::span<const Dialect::Parameter>()
                        : dialect.with_lists;
  for (const Dialect::Parameter& parameter : more) {
    parameters.emplace_back(parameter.name, parameter.value);
  }
  if (dialect.discovery == Discovery::kCatalogue) {
    std::erase(parameters,
               std::pair<std::string, std::string>("match[]", kEverySeries));
  }
  std::sort(parameters.begin(), parameters.end());
  const bool by_post =
      MayPost(question.endpoint) &&
      (options_.verb == Verb::kPost ||
       std::any_of(parameters.begin(), parameters.end(),
                   [this](const auto& parameter) {
                     return parameter.second.size() > options_.post_above;
                   }));

  net::ClientRequest request;
  request.url = options_.url;
  request.url.path = ApiPath(options_.url.path, question.path);
  request.url.user_info.clear();  // Authorize() sends it, or what wins over it
  for (const auto& [name, value] : options_.headers.fields()) {
    if (!EqualsIgnoringCase(name, "Host")) request.headers.Add(name, value);
  }
  // Exactly one word: Prometheus takes "gzip;q=1" for something else.
  request.headers.Set("Accept-Encoding", question.gzip ? "gzip" : "identity");
  // The URL keeps its own parameters, extra_label=... of VictoriaMetrics say.
  if (by_post) {
    request.method = "POST";
    request.headers.Set("Content-Type", "application/x-www-form-urlencoded");
    request.body = FormEncode(parameters);
  } else {
    std::string query = FormEncode(parameters);
    if (dialect.percent_blanks) PercentBlanks(query);
    std::string& whole = request.url.query;
    if (!whole.empty() && !query.empty()) whole += '&';
    whole += query;
  }
  return request;
}

}  // namespace sextant::backend
