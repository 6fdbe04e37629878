#include "sextant/backend/prometheus.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>

#include "api_path.h"
#include "data_readers.h"
#include "reply.h"
#include "sextant/base/http_text.h"
#include "sextant/base/text.h"
#include "sextant/base/time_text.h"

namespace sextant::backend {
namespace {

constexpr std::size_t kUnlimited = std::numeric_limits<std::size_t>::max();
// Enough for every error text.
constexpr std::size_t kMostOfARefusal = std::size_t{64} * 1024;

// Were the credentials refused?
bool IsRefusal(int status) { return status == 401 || status == 403; }

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
      metrics_(metrics) {}

// These four are no coroutines: what they were given by reference is used up
// when they return.

Task<Result<std::vector<std::string>>> PrometheusBackend::LabelValues(
    const std::string& label, SeriesMatch match, TimePoint deadline) {
  // Prometheus answers 405 to POST here.
  net::ClientRequest request =
      MakeRequest("label/" + LabelSegment(label) + "/values",
                  SeriesParameters(std::move(match)), Post::kNever);
  // Names of metrics come by the thousand, and are alike.
  if (label == "__name__") request.headers.Set("Accept-Encoding", "gzip");
  return Strings("label_values", std::move(request), deadline);
}

Task<Result<std::vector<std::string>>> PrometheusBackend::LabelNames(
    SeriesMatch match, TimePoint deadline) {
  return Strings("labels",
                 MakeRequest("labels", SeriesParameters(std::move(match)),
                             Post::kWhenLong),
                 deadline);
}

Task<Result<Done>> PrometheusBackend::Series(SeriesMatch match,
                                             TimePoint deadline,
                                             SeriesSink sink) {
  net::ClientRequest request = MakeRequest(
      "series", SeriesParameters(std::move(match)), Post::kWhenLong);
  // The one reply that is long as a rule, and 12 to 50 times smaller so.
  request.headers.Set("Accept-Encoding", "gzip");
  return ReadSeries(std::move(request), deadline, std::move(sink));
}

Task<Result<model::QueryResult>> PrometheusBackend::Query(
    const std::string& promql, TimePoint time, TimePoint deadline) {
  // The backend stops by itself, should it not notice that the connection is
  // gone.  An hour at most: Prometheus refuses what overflows.
  const Duration left =
      std::min<Duration>(deadline - clock_.Now(), std::chrono::hours(1));
  Parameters parameters = {{"query", promql},
                           {"time", FormatUnixSeconds(time)},
                           {"timeout", FormatUnixSeconds(TimePoint(left))}};
  if (victoria_metrics_) parameters.emplace_back("nocache", "1");
  return ReadQuery(MakeRequest("query", std::move(parameters), Post::kWhenLong),
                   deadline);
}

Task<Result<std::vector<std::string>>> PrometheusBackend::Strings(
    std::string endpoint, net::ClientRequest request, TimePoint deadline) {
  StringsReader reader;
  Reply reply(reader, options_.max_reply);
  const Result<Done> done = co_await Exchange(
      std::move(endpoint), std::move(request), deadline, reply);
  if (!done) co_return done.error();
  co_return Sorted(std::move(reader.strings));
}

Task<Result<Done>> PrometheusBackend::ReadSeries(net::ClientRequest request,
                                                 TimePoint deadline,
                                                 SeriesSink sink) {
  SeriesReader reader(std::move(sink));
  Reply reply(reader, kUnlimited);
  co_return co_await Exchange("series", std::move(request), deadline, reply);
}

Task<Result<model::QueryResult>> PrometheusBackend::ReadQuery(
    net::ClientRequest request, TimePoint deadline) {
  QueryReader reader;
  Reply reply(reader, options_.max_reply);
  const Result<Done> done =
      co_await Exchange("query", std::move(request), deadline, reply);
  if (!done) co_return done.error();
  reader.result.warnings = std::move(reply.warnings());
  co_return std::move(reader.result);
}

Task<Result<Done>> PrometheusBackend::Exchange(std::string endpoint,
                                               net::ClientRequest request,
                                               TimePoint deadline,
                                               Reply& reply) {
  Result<Done> judged = Error{ErrorCode::kDeadlineExceeded,
                              "no time was left to ask the backend", ""};
  const TimePoint start = clock_.Now();
  if (start < deadline) {
    judged = co_await Authorize(request, deadline);
  }
  if (judged) {
    const Result<net::ResponseHead> sent =
        co_await SendAuthorized(std::move(request), deadline, reply);
    judged = reply.Judge(sent);
    if (sent) {
      Learn(*sent);
      Observe(endpoint, clock_.Now() - start);
      if (!judged) judged = Refused(judged.error(), sent->status);
    }
  }
  Count(endpoint, OutcomeOf(judged));
  co_return judged;
}

Task<Result<net::ResponseHead>> PrometheusBackend::SendAuthorized(
    net::ClientRequest request, TimePoint deadline, Reply& reply) {
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
  co_return co_await client_.Send(std::move(request), deadline,
                                  std::move(to_reply));
}

bool PrometheusBackend::HasSigner() const {
  return options_.signer != nullptr &&
         options_.headers.Find("Authorization") == nullptr;
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
    counter =
        &metrics_.Counter("sextant_backend_requests_total",
                          "Requests to the backend, by what came of them.",
                          {{"endpoint", endpoint}, {"outcome", outcome}});
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

net::ClientRequest PrometheusBackend::MakeRequest(const std::string& endpoint,
                                                  Parameters parameters,
                                                  Post post) const {
  std::sort(parameters.begin(), parameters.end());
  const bool by_post =
      post == Post::kWhenLong &&
      (options_.verb == Verb::kPost ||
       std::any_of(parameters.begin(), parameters.end(),
                   [this](const auto& parameter) {
                     return parameter.second.size() > options_.post_above;
                   }));

  net::ClientRequest request;
  request.url = options_.url;
  request.url.path = ApiPath(options_.url.path, endpoint);
  request.url.user_info.clear();  // Authorize() sends it, or what wins over it
  for (const auto& [name, value] : options_.headers.fields()) {
    if (!EqualsIgnoringCase(name, "Host")) request.headers.Add(name, value);
  }
  request.headers.Set("Accept-Encoding", "identity");
  // As the peer: GET's parameters take the place of the URL's own, with POST
  // the URL keeps them.
  if (by_post) {
    request.method = "POST";
    request.headers.Set("Content-Type", "application/x-www-form-urlencoded");
    request.body = FormEncode(parameters);
  } else {
    request.url.query = FormEncode(parameters);
  }
  return request;
}

void PrometheusBackend::Learn(const net::ResponseHead& head) {
  if (head.headers.Find("X-Server-Hostname")) victoria_metrics_ = true;
}

}  // namespace sextant::backend
