// Plays the pods of an example: serves its series as a scrape target, or writes
// the history that they would have left.

#include <httplib.h>

#include <chrono>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "series_file.h"

namespace {

constexpr char kUsage[] =
    R"(usage: sample_exporter serve FILE [--start TIME]
       sample_exporter history FILE --from TIME --to TIME --step SECONDS
                               [--start TIME] [--still 1]

serve    answers GET /metrics on a free port of 127.0.0.1 and prints its address
history  prints the samples of that span as OpenMetrics

FILE is Prometheus' text format; comments such as `# grows by 75 every 15s` and
`# swings by 4 every 60s` say how the values below them move.  TIME is in seconds
since 1970.  --start is when the values are those of the file (default: now);
with --still, gauges do not swing.
)";

sample::Seconds Now() {
  return std::chrono::duration<double>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

using Options = std::map<std::string, std::string>;

Options ReadOptions(const std::vector<std::string>& arguments) {
  Options options;
  for (std::size_t i = 0; i < arguments.size(); i += 2) {
    if (!arguments[i].starts_with("--") || i + 1 == arguments.size()) {
      throw std::runtime_error("expected --option VALUE at " + arguments[i]);
    }
    options[arguments[i]] = arguments[i + 1];
  }
  return options;
}

double Number(const Options& options, const std::string& name) {
  const auto found = options.find(name);
  if (found == options.end()) throw std::runtime_error(name + " is missing");
  return std::stod(found->second);
}

sample::Seconds Start(const Options& options) {
  return options.contains("--start") ? Number(options, "--start") : Now();
}

void Serve(const std::vector<sample::Series>& all, sample::Seconds start) {
  httplib::Server server;
  server.Get("/metrics",
             [&](const httplib::Request&, httplib::Response& response) {
               std::ostringstream text;
               sample::WriteExposition(all, Now() - start, text);
               response.set_content(text.str(), "text/plain; version=0.0.4");
             });
  const int port = server.bind_to_any_port("127.0.0.1");
  if (port < 0) throw std::runtime_error("cannot listen on 127.0.0.1");
  std::cout << "serving address=127.0.0.1:" << port << std::endl;
  server.listen_after_bind();
}

void History(std::vector<sample::Series> all, const Options& options) {
  if (options.contains("--still")) {
    for (sample::Series& series : all) series.swing = 0;
  }
  const sample::Span span{.from = Number(options, "--from"),
                          .to = Number(options, "--to"),
                          .step = Number(options, "--step")};
  sample::WriteHistory(all, span, Start(options), std::cout);
}

int Run(const std::vector<std::string>& arguments) {
  if (arguments.size() < 2) {
    std::cerr << kUsage;
    return 2;
  }
  const Options options = ReadOptions({arguments.begin() + 2, arguments.end()});
  const auto all = sample::ReadSeriesFile(arguments[1]);
  if (arguments[0] == "serve") {
    Serve(all, Start(options));
  } else if (arguments[0] == "history") {
    History(all, options);
  } else {
    std::cerr << kUsage;
    return 2;
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return Run({argv + 1, argv + argc});
  } catch (const std::exception& e) {
    std::cerr << "sample_exporter: " << e.what() << '\n';
    return 1;
  }
}
