#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "credentials.h"
#include "file_reports.h"
#include "sextant/base/clock.h"
#include "sextant/base/result.h"
#include "sextant/base/task.h"
#include "sextant/config/flags.h"
#include "sextant/kube/client.h"

namespace sextant::app {

// The API servers that the flags name, ready to be asked: by kubeconfig files,
// or as a Pod with its service account.  Flags that name the same one share its
// clients.  Loop only.
class ClusterAccess {
 public:
  // What a Pod finds around it.
  struct Surroundings {
    // The value of a variable, "" if it is not set.
    std::function<std::string(const char*)> variable;
    std::string service_account_folder = kServiceAccountFolder;
  };

  // Reads files and environment.  Errors name the flag, and say what to write
  // instead.  `clock` must outlive this object.
  static Result<std::unique_ptr<ClusterAccess>> Build(
      const config::ClusterFlags& flags, const Surroundings& surroundings,
      Clock& clock);
  ~ClusterAccess();

  // --lister-kubeconfig: discovery, and lists of objects.
  kube::Client& objects();
  // The same server, for watches: they have connections of their own, so that
  // no request waits until one ends.
  kube::Client& watches();
  // --authentication-kubeconfig: token reviews, and the ConfigMap that says
  // whose certificates count.
  kube::Client& authentication();
  // --authorization-kubeconfig: access reviews.
  kube::Client& authorization();

  // Of objects(): "https://10.0.0.1:443", and "the token of /run/token".
  const std::string& server() const;
  std::string credentials() const;

  // When the first of the client certificates ends; nothing if there is none.
  std::optional<TimePoint> CertificateEnd() const;

  // Follow the files and take over what is good (app/followed_credentials.h).
  // A kubeconfig that names another server is not: that takes a restart.  Each
  // Task runs until cancelled; `reports` must outlive it.
  std::vector<Task<void>> Followers(FileReports& reports);
  // Looks at once.
  void Reload(FileReports& reports);

  // A loop that is to end has nothing left to wait for.
  void CloseIdle();

 private:
  class Server;
  ClusterAccess();

  std::vector<std::unique_ptr<Server>> servers_;
  Server* objects_ = nullptr;  // each is one of servers_
  Server* authentication_ = nullptr;
  Server* authorization_ = nullptr;
};

}  // namespace sextant::app
