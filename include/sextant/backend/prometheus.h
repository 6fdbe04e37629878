#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "sextant/backend/backend.h"
#include "sextant/net/client.h"
#include "sextant/net/request_signer.h"
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
  // How queries, and the lists of the API that can, are asked for.
  enum class Verb { kGet, kPost };

  struct Options {
    net::Url url;  // its path is the API's prefix
    Verb verb = Verb::kGet;
    std::size_t post_above = 2048;  // bytes of query text; with kGet
    // Go with every request.  Host has no effect; the Authorization here wins
    // over `signer`, which wins over the URL's user info.
    net::Headers headers;
    // What proves who asks; none: nothing more.  A request that is refused
    // with 401 or 403 is sent once more if it can Renew().  Must outlive this
    // object.
    net::RequestSigner* signer = nullptr;
    // What the requests carry, in words for who reads that it was refused:
    // "the token of /var/run/token".  No secrets.
    std::string credentials = "none";
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
  // Adds what proves who asks; an error if that cannot be had.
  Task<Result<Done>> Authorize(net::ClientRequest& request, TimePoint deadline);
  // Send(), and once more with a renewed proof if the first was refused.
  Task<Result<net::ResponseHead>> SendAuthorized(net::ClientRequest request,
                                                 TimePoint deadline,
                                                 Reply& reply);
  // Is there one, and no header that wins over it?
  bool HasSigner() const;
  Error Refused(Error error, int status) const;
  void Learn(const net::ResponseHead& head);
  void Count(const std::string& endpoint, const std::string& outcome);
  void Observe(const std::string& endpoint, Duration took);

  const Options options_;
  net::HttpClient& client_;
  Clock& clock_;
  obs::Metrics& metrics_;
  bool victoria_metrics_ = false;
  // Found once, as the registry's lookups cost more than the counting.
  std::map<std::pair<std::string, std::string>, std::uint64_t*> counters_;
  std::map<std::string, obs::Histogram*> durations_;
};

}  // namespace sextant::backend
