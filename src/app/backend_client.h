#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cloud_credentials.h"
#include "credentials.h"
#include "file_reports.h"
#include "followed_credentials.h"
#include "sextant/backend/held_token.h"
#include "sextant/backend/prometheus.h"
#include "sextant/base/clock.h"
#include "sextant/base/result.h"
#include "sextant/base/task.h"
#include "sextant/config/flags.h"
#include "sextant/net/redirecting_client.h"
#include "sextant/obs/metrics.h"

namespace sextant::app {

// What the backend is asked with: read from the files that the flags name.
//
// A CA file, a kubeconfig (or the Pod's service account), a client certificate
// and a token file go together; what has a flag of its own wins.
// prometheus-adapter drops some of them in silence (oddity 4 of its
// specification).  Errors are worded as its are.
Result<Credentials> ReadBackendCredentials(const config::BackendFlags& flags);

// What a request to the backend carries, without secrets: "the token of
// /run/token".
std::string BackendCredentialsInWords(const config::BackendFlags& flags,
                                      const Credentials& credentials);

// The backend that the flags describe, ready to be asked: for `serve`, and for
// the commands that ask and end.  Loop only.
class BackendClient {
 public:
  // Reads files and environment: `variable` gives the value of a variable, ""
  // if it is not set.  `name` is that of its metrics and messages.  What is
  // passed by reference must outlive this object.
  static Result<std::unique_ptr<BackendClient>> Build(
      const config::BackendFlags& flags,
      const std::function<std::string(const char*)>& variable, Clock& clock,
      obs::Metrics& metrics, const std::string& name = "default");

  backend::Backend& backend() { return *backend_; }

  // "http://prom:9090": its URL without user info.
  const std::string& server() const { return server_; }

  // What it proves itself with now.
  const Credentials& credentials() const { return credentials_.current(); }

  // FollowedCredentials'.
  std::vector<Task<void>> Followers(FileReports& reports) {
    return credentials_.Followers(reports);
  }
  void Reload(FileReports& reports) { credentials_.Reload(reports); }
  void Forget(FileReports& reports) const { credentials_.Forget(reports); }

  // A loop that is to end has nothing left to wait for.
  void CloseIdle() {
    credentials_.CloseIdle();
    if (cloud_) cloud_->CloseIdle();
  }

 private:
  BackendClient(const config::BackendFlags& flags, Credentials credentials,
                Clock& clock, const std::string& name);

  FollowedCredentials credentials_;
  std::string server_;
  std::unique_ptr<net::RedirectingClient> redirecting_;
  std::unique_ptr<backend::HeldToken> token_;
  std::unique_ptr<CloudCredentials> cloud_;  // null: of no cloud
  std::unique_ptr<backend::PrometheusBackend> backend_;
};

// The process' own environment, as `variable` wants it.
std::string EnvironmentVariable(const char* name);

}  // namespace sextant::app
