#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "inputs.h"
#include "sextant/base/clock.h"
#include "sextant/base/result.h"
#include "sextant/base/task.h"
#include "sextant/config/flags.h"
#include "sextant/net/serving_tls.h"
#include "sextant/obs/metrics.h"

namespace sextant::app {

// The certificate files that `flags` name for the port: the two of the flags,
// else those of --cert-dir where both are there; nothing: a self-signed pair.
struct ServingFiles {
  std::string certificate;
  std::string key;
};
std::optional<ServingFiles> FindServingFiles(const config::ServingFlags& flags);

// Reads again, while the program runs, what it was started with: the
// configuration with its standalone files, and the certificates of the port.
//
// What is good takes the place of what was; of what is not, the log, a metric
// and a note for /readyz?verbose say why, and the last good stays.  Loop only.
class Reloader {
 public:
  // Takes over another configuration.
  using Apply = std::function<void(Inputs)>;

  // `current`: the rules in use.  Everything passed by reference must outlive
  // this object.
  Reloader(config::ServeFlags flags, std::optional<ServingFiles> serving,
           std::shared_ptr<const rules::RuleSet> current, net::ServingTls& tls,
           Clock& clock, obs::Metrics& metrics, Apply apply);

  // Follow the files; each runs until cancelled.
  std::vector<Task<void>> Followers();

  // Looks at everything at once, whether it seems to have changed or not, and
  // logs a line for each outcome.
  void ReloadAll();

  // "[-]config kept, the file cannot be used: config.yaml:3:1: ..."
  std::vector<std::string> Notes() const;

 private:
  // How it goes with one kind of file.
  struct Kind {
    std::vector<std::string> problems;  // of the last look; none: it went well
    TimePoint last_success{};
    std::uint64_t* errors = nullptr;
  };

  Kind& AddKind(const std::string& name);
  void LookAtConfig(bool even_if_the_same);
  void LookAtCertificates(bool even_if_the_same);
  void Failed(const std::string& name, const Error& error, bool say_it_again);
  void Succeeded(const std::string& name, bool news);
  // Of the files of the configuration as they are now.
  std::string Digest() const;

  const config::ServeFlags flags_;
  const std::optional<ServingFiles> serving_;
  net::ServingTls& tls_;
  Clock& clock_;
  obs::Metrics& metrics_;
  const Apply apply_;
  std::shared_ptr<const rules::RuleSet> current_;
  std::string looked_at_;  // the digest of what was last read
  std::map<std::string, Kind> kinds_;
};

}  // namespace sextant::app
