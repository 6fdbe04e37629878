#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "sextant/backend/backend.h"
#include "sextant/net/client.h"
#include "sextant/obs/metrics.h"

namespace sextant::backend {

class Reply;

// Prometheus' HTTP API over an HttpClient, and VictoriaMetrics', which is
// recognised by its X-Server-Hostname header and then asked with nocache=1, so
// that it does not hold back the newest 30 seconds (backends.md, 1 and 2).
//
// Queries go by GET, and by POST when they are long; values are asked for with
// Accept-Encoding: identity, because gzip makes a Prometheus 6 to 9 times
// dearer for small answers.  A reply to a query above 64 MiB is kTooLarge.
class PrometheusBackend final : public Backend {
 public:
  struct Options {
    net::Url url;                   // its path is the API's prefix
    std::size_t post_above = 2048;  // bytes of query text
    std::size_t max_reply =
        std::size_t{64} * 1024 * 1024;  // of queries and label lists
  };

  // Everything passed by reference must outlive this object.
  PrometheusBackend(Options options, net::HttpClient& client, Clock& clock,
                    obs::Metrics& metrics);

  Task<Result<std::vector<std::string>>> LabelValues(
      const std::string& label, SeriesMatch match, TimePoint deadline) override;
  Task<Result<std::vector<std::string>>> LabelNames(
      SeriesMatch match, TimePoint deadline) override;
  Task<Result<Done>> Series(SeriesMatch match, TimePoint deadline,
                            SeriesSink sink) override;
  Task<Result<model::QueryResult>> Query(const std::string& promql,
                                         TimePoint time,
                                         TimePoint deadline) override;

 private:
  using Parameters = std::vector<std::pair<std::string, std::string>>;
  enum class Post { kNever, kWhenLong };

  net::ClientRequest MakeRequest(const std::string& endpoint,
                                 Parameters parameters, Post post) const;

  Task<Result<std::vector<std::string>>> Strings(std::string endpoint,
                                                 net::ClientRequest request,
                                                 TimePoint deadline);
  Task<Result<Done>> ReadSeries(net::ClientRequest request, TimePoint deadline,
                                SeriesSink sink);
  Task<Result<model::QueryResult>> ReadQuery(net::ClientRequest request,
                                             TimePoint deadline);
  Task<Result<Done>> Exchange(std::string endpoint, net::ClientRequest request,
                              TimePoint deadline, Reply& reply);
  void Learn(const net::ResponseHead& head);

  const Options options_;
  net::HttpClient& client_;
  Clock& clock_;
  obs::Metrics& metrics_;
  bool victoria_metrics_ = false;
};

}  // namespace sextant::backend
