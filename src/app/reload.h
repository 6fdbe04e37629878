#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "file_reports.h"
#include "inputs.h"
#include "sextant/base/clock.h"
#include "sextant/base/result.h"
#include "sextant/base/task.h"
#include "sextant/config/flags.h"
#include "sextant/net/serving_tls.h"

namespace sextant::app {

// The certificate files that `flags` name for the port: the two of the flags,
// else those of --cert-dir where both are there; nothing: a self-signed pair.
struct ServingFiles {
  std::string certificate;
  std::string key;
};
std::optional<ServingFiles> FindServingFiles(const config::ServingFlags& flags);

// The pairs of --tls-sni-cert-key; the error names the file.
Result<std::vector<net::NamedKeyPair>> ReadNamedPairs(
    const config::ServingFlags& flags);

// Reads again, while the program runs, what it was started with: the
// configuration with its standalone files, and the certificates of the port.
//
// What is good takes the place of what was; of what is not, FileReports say
// why, and the last good stays.  Loop only.
class Reloader {
 public:
  // Takes over another configuration, or says why not: then all is as it was.
  using Apply = std::function<Result<Done>(Inputs)>;

  // `current`: the rules in use.  `resources`: those of the cluster now; empty
  // with --standalone.  Everything passed by reference must outlive this
  // object.
  Reloader(config::ServeFlags flags, std::optional<ServingFiles> serving,
           std::shared_ptr<const rules::RuleSet> current,
           ClusterTable resources, net::ServingTls& tls, Clock& clock,
           FileReports& reports, Apply apply);

  // Follow the files; each runs until cancelled.
  std::vector<Task<void>> Followers();

  // Looks at everything at once, whether it seems to have changed or not, and
  // logs a line for each outcome.
  void ReloadAll();

  // The cluster has other resources: the rules may mean something else.
  void ResourcesChanged() { LookAtConfig(true); }

 private:
  void LookAtConfig(bool even_if_the_same);
  void LookAtCertificates(bool even_if_the_same);
  std::vector<std::string> CertificateFiles() const;
  // Gives them to the port: true if one is another than before.
  Result<bool> TakeNamedPairs();
  // Of the files of the configuration as they are now.
  std::string Digest() const;

  const config::ServeFlags flags_;
  const std::optional<ServingFiles> serving_;
  const ClusterTable resources_;
  net::ServingTls& tls_;
  Clock& clock_;
  FileReports& reports_;
  const Apply apply_;
  std::shared_ptr<const rules::RuleSet> current_;
  std::string looked_at_;    // the digest of what was last read
  std::string named_pairs_;  // of --tls-sni-cert-key, as last taken over
};

}  // namespace sextant::app
