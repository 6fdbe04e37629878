#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cluster_access.h"
#include "file_reports.h"
#include "sextant/auth/gatekeeper.h"
#include "sextant/auth/trust.h"
#include "sextant/base/clock.h"
#include "sextant/base/result.h"
#include "sextant/base/task.h"
#include "sextant/config/flags.h"
#include "sextant/kube/authentication_config.h"
#include "sextant/kube/mapper.h"
#include "sextant/kube/object_watcher.h"
#include "sextant/kube/reviews.h"
#include "sextant/model/object.h"
#include "sextant/model/resource.h"
#include "sextant/obs/metrics.h"

namespace sextant::app {

// The Kubernetes cluster that `serve` works in: which resources it has, where
// its objects are, who calls and what they may do.  Loop only.
class Cluster {
 public:
  // Reads files and environment, and asks nobody yet.  What is passed by
  // reference must outlive this object, and this its Tasks.
  static Result<std::unique_ptr<Cluster>> Build(
      const config::ClusterFlags& flags,
      const ClusterAccess::Surroundings& surroundings, Clock& clock,
      obs::Metrics& metrics, FileReports& reports);

  // Looks for the first time: at the resources, and at whose certificates
  // count.  An error means that the program should not start.
  Task<Result<Done>> Load(TimePoint deadline);

  // The resources as last seen.
  const kube::Mapper::Table& resources() const { return mapper_.Current(); }
  // `changed` is called with each table that differs; before Followers().
  void OnResources(std::function<void()> changed) {
    changed_ = std::move(changed);
  }
  // Looks again, for a resource that resources() does not have.
  Task<void> LookForResources(TimePoint deadline);

  model::ObjectLister& lister() { return watcher_; }
  auth::Gatekeeper& gatekeeper() { return gatekeeper_; }
  const std::string& server() const { return access_->server(); }
  // ClusterAccess'.
  std::optional<TimePoint> CertificateEnd() const {
    return access_->CertificateEnd();
  }

  // Keep up with the cluster and with the files; each runs until cancelled.
  std::vector<Task<void>> Followers();
  // Reads the files at once.
  void Reload();

  // What of the cluster cannot be had now, for /readyz?verbose.
  std::vector<std::string> Notes() const;

  // A loop that is to end has nothing left to wait for.
  void Stop();

 private:
  Cluster(const config::ClusterFlags& flags,
          std::unique_ptr<ClusterAccess> access, Clock& clock,
          obs::Metrics& metrics, FileReports& reports);

  std::vector<std::string> CaFiles() const;
  Result<Done> ReadCaFiles();
  void LookAtCaFiles(bool even_if_the_same);
  void NoteLookup(const Result<Done>& outcome);

  const config::ClusterFlags flags_;
  std::uint64_t& lookup_failures_;
  FileReports& reports_;
  Clock& clock_;
  std::function<void()> changed_;
  std::string ca_files_;        // their texts, as last taken over
  std::string lookup_problem_;  // of the last look; empty: it went well
  std::unique_ptr<ClusterAccess> access_;
  kube::Mapper mapper_;
  kube::ObjectWatcher watcher_;
  auth::TrustSource trust_;
  kube::AuthenticationConfigFollower callers_;
  kube::ApiTokenReviewer tokens_;
  kube::ApiAccessReviewer rights_;
  auth::Gatekeeper gatekeeper_;
};

}  // namespace sextant::app
