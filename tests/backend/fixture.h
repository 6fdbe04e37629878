#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <string>
#include <utility>

#include "sextant/backend/prometheus.h"
#include "support/fake_clock.h"
#include "support/fake_http_client.h"
#include "support/run_task.h"

namespace sextant::backend {

// A Prometheus, by name; with null it is found out what it is.
inline PrometheusBackend::Options At(const std::string& url,
                                     const char* dialect = "prometheus") {
  PrometheusBackend::Options options;
  options.url = *net::Url::Parse(url);
  if (dialect != nullptr) options.dialect = FindDialect(dialect);
  return options;
}

const char kEmptyVector[] =
    R"({"status":"success","data":{"resultType":"vector","result":[]}})";

inline std::string Line(const net::ClientRequest& request) {
  return request.method + " " + request.url.Target();
}

inline std::string Header(const net::ClientRequest& request, const char* name) {
  const std::string* const value = request.headers.Find(name);
  return value ? *value : "(none)";
}

// A PrometheusBackend and the world around it.  The clock stands at 0.
struct Fixture {
  explicit Fixture(const std::string& url = "http://h") : Fixture(At(url)) {}
  explicit Fixture(PrometheusBackend::Options options)
      : backend(std::move(options), client, clock, metrics) {}

  Result<model::QueryResult> Query(const std::string& promql = "up",
                                   TimePoint time = {}) {
    return *RunTask(loop, backend.Query(promql, time, deadline));
  }
  Result<std::vector<std::string>> LabelValues(const std::string& label) {
    return *RunTask(loop, backend.LabelValues(label, match, deadline));
  }
  Result<std::vector<std::string>> LabelNames() {
    return *RunTask(loop, backend.LabelNames(match, deadline));
  }
  Result<Done> Series(SeriesSink sink) {
    return *RunTask(loop, backend.Series(match, deadline, std::move(sink)));
  }

  boost::asio::io_context loop;
  FakeClock clock{loop};
  FakeHttpClient client;
  obs::Metrics metrics;
  PrometheusBackend backend;
  TimePoint deadline{std::chrono::seconds(60)};
  SeriesMatch match{"up", TimePoint(std::chrono::milliseconds(1500)),
                    TimePoint(std::chrono::seconds(301))};
};

}  // namespace sextant::backend
