// A refresher over a backend in memory.

#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>
#include <vector>

#include "sextant/catalog/refresher.h"
#include "support/compile_rules.h"
#include "support/fake_backend.h"
#include "support/fake_clock.h"
#include "support/launch_task.h"
#include "support/run_task.h"

namespace sextant::catalog {

struct World {
  explicit World(const std::string& rules_text, Refresher::Options options = {})
      : refresher(options, CompileRuleText(rules_text), backend, clock,
                  metrics) {}

  // What still waits ends here, while everything it touches is alive.
  ~World() {
    backend.Release();
    clock.Advance(std::chrono::hours(24));
  }

  // True if the round came to its end.
  bool Round() {
    return RunTask(loop, Finished(refresher.RunOnce())).has_value();
  }

  Started<bool> LookUp(const std::string& resource, const std::string& metric,
                       Duration patience = std::chrono::seconds(60)) {
    const model::Resource* found =
        refresher.rules()->resources->Find("", resource);
    return LaunchTask(
        loop, refresher.LookUpCustom(*found, metric, clock.Now() + patience));
  }

  Started<bool> LookUpExternal(const std::string& metric) {
    return LaunchTask(
        loop, refresher.LookUpExternal(metric,
                                       clock.Now() + std::chrono::seconds(60)));
  }

  // "pods/rps = rps_total of rules[0]"
  std::vector<std::string> Listing() const {
    std::vector<std::string> lines;
    const auto catalog = refresher.Current();
    for (const auto& [key, m] : catalog->custom()) {
      lines.push_back(key.first + "/" + key.second + " = " + m.series + " of " +
                      m.rule->path());
    }
    for (const auto& [name, m] : catalog->external()) {
      lines.push_back(name + " = " + m.series + " of " + m.rule->path());
    }
    return lines;
  }

  boost::asio::io_context loop;
  FakeClock clock{loop};
  FakeBackend backend{clock};
  obs::Metrics metrics;
  Refresher refresher;
};

}  // namespace sextant::catalog
