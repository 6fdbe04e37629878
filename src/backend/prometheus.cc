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
#include "sextant/base/text.h"
#include "sextant/base/time_text.h"

namespace sextant::backend {
namespace {

constexpr std::size_t kUnlimited = std::numeric_limits<std::size_t>::max();

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
  return Strings("label_values",
                 MakeRequest("label/" + LabelSegment(label) + "/values",
                             SeriesParameters(std::move(match)), Post::kNever),
                 deadline);
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
  if (clock_.Now() < deadline) {
    net::BodySink sink = [&reply](const net::ResponseHead& head,
                                  std::string_view piece) {
      return reply.Take(head, piece);
    };
    const Result<net::ResponseHead> sent =
        co_await client_.Send(std::move(request), deadline, std::move(sink));
    if (sent) Learn(*sent);
    judged = reply.Judge(sent);
  }
  const std::string outcome = OutcomeOf(judged);
  ++metrics_.Counter("sextant_backend_requests_total",
                     "Requests to the backend, by what came of them.",
                     {{"endpoint", endpoint}, {"outcome", outcome}});
  co_return judged;
}

net::ClientRequest PrometheusBackend::MakeRequest(const std::string& endpoint,
                                                  Parameters parameters,
                                                  Post post) const {
  std::sort(parameters.begin(), parameters.end());
  const bool is_long = std::any_of(
      parameters.begin(), parameters.end(), [this](const auto& parameter) {
        return parameter.second.size() > options_.post_above;
      });

  net::ClientRequest request;
  request.url = options_.url;
  request.url.path = ApiPath(options_.url.path, endpoint);
  if (!options_.url.user_info.empty()) {
    request.url.user_info.clear();
    std::string credentials = options_.url.user_info;
    if (credentials.find(':') == std::string::npos) credentials += ':';
    request.headers.Set("Authorization", "Basic " + Base64Encode(credentials));
  }
  request.headers.Set("Accept-Encoding", "identity");
  // As the peer: GET's parameters take the place of the URL's own, with POST
  // the URL keeps them.
  if (post == Post::kWhenLong && is_long) {
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
