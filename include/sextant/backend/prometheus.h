#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sextant/backend/backend.h"
#include "sextant/base/single_flight.h"
#include "sextant/net/client.h"
#include "sextant/net/request_signer.h"
#include "sextant/obs/metrics.h"

namespace sextant::backend {

class DialectFinder;
class Reply;

// Prometheus' HTTP API over an HttpClient, in the dialect of whoever speaks it
// there.  Which one that is, Options say, or the URL, or else the server is
// asked for its buildinfo before it is asked for anything else, and the headers
// of its replies are looked at.
//
// Queries go by GET, and by POST when they are long; values are asked for with
// Accept-Encoding: identity, because gzip makes a Prometheus 6 to 9 times
// dearer for small answers.  A reply to a query above 64 MiB is kTooLarge.
class PrometheusBackend final : public Backend {
 public:
  // How queries, and the lists of the API that can, are asked for.
  enum class Verb { kGet, kPost };

  struct Options {
    std::string name;                  // of metrics; empty: none
    net::Url url;                      // its path is the API's prefix
    const Dialect* dialect = nullptr;  // null: it is found out
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
  ~PrometheusBackend() override;

  Task<Result<std::vector<std::string>>> LabelValues(
      const std::string& label, SeriesMatch match, TimePoint deadline) override;
  Task<Result<std::vector<std::string>>> LabelNames(
      SeriesMatch match, TimePoint deadline) override;
  Task<Result<Done>> Series(SeriesMatch match, TimePoint deadline,
                            SeriesSink sink) override;
  Task<Result<model::QueryResult>> Query(const std::string& promql,
                                         TimePoint time,
                                         TimePoint deadline) override;
  Recognition recognised() const override;

 private:
  using Parameters = std::vector<std::pair<std::string, std::string>>;

  // What is to be asked; how, the dialect decides.
  struct Question {
    std::string endpoint;  // for metrics: "label_values"
    std::string path;      // "label/pod/values"
    Parameters parameters;
    bool gzip = false;
  };

  net::ClientRequest MakeRequest(Question question) const;
  bool MayPost(const std::string& endpoint) const;

  Task<Result<std::vector<std::string>>> Strings(Question question,
                                                 TimePoint deadline);
  Task<Result<Done>> ReadSeries(Question question, TimePoint deadline,
                                SeriesSink sink);
  Task<Result<model::QueryResult>> ReadQuery(Question question,
                                             TimePoint deadline);
  Task<Result<Done>> Exchange(Question question, TimePoint deadline,
                              Reply& reply);
  // Asks for buildinfo if it is time to; an error if there is no answer, so
  // that nobody is asked in a wrong dialect.
  Task<Result<Done>> Recognise(TimePoint deadline);
  Task<Result<Done>> AskBuild();
  // Adds what proves who asks; an error if that cannot be had.
  Task<Result<Done>> Authorize(net::ClientRequest& request, TimePoint deadline);
  // Send(), and once more with a renewed proof if the first was refused.
  // `request` is then what was sent last, or moved from if it has no proof.
  Task<Result<net::ResponseHead>> SendAuthorized(net::ClientRequest& request,
                                                 TimePoint deadline,
                                                 Reply& reply);
  // Servers and what stands before them may repeat what they were sent: masks
  // it before anybody reads it.
  void HideCredentials(const net::ClientRequest& sent, Reply& reply) const;
  // Is there one, and no header that wins over it?
  bool HasSigner() const;
  Error Refused(Error error, int status) const;
  void Count(const std::string& endpoint, const std::string& outcome);
  void Observe(const std::string& endpoint, Duration took);

  const Options options_;
  net::HttpClient& client_;
  Clock& clock_;
  obs::Metrics& metrics_;
  const std::unique_ptr<DialectFinder> finder_;
  SingleFlight<int, Result<Done>> recognising_;
  // Found once, as the registry's lookups cost more than the counting.
  std::map<std::pair<std::string, std::string>, std::uint64_t*> counters_;
  std::map<std::string, obs::Histogram*> durations_;
};

}  // namespace sextant::backend
