#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "file_reports.h"
#include "sextant/backend/prometheus.h"
#include "sextant/backend/token_source.h"
#include "sextant/base/clock.h"
#include "sextant/base/result.h"
#include "sextant/base/task.h"
#include "sextant/config/flags.h"
#include "sextant/net/pooled_client.h"
#include "sextant/net/redirecting_client.h"
#include "sextant/obs/metrics.h"

namespace sextant::app {

// What proves to the backend who asks, and to us that it is the backend: read
// from the files that the flags name.
struct BackendAccess {
  net::PooledHttpClient::Tls tls;
  std::optional<std::string> token;
  std::string user_info;    // "user:password"; empty: none
  std::string proxy_url;    // a kubeconfig's; empty: the environment's
  std::string credentials;  // in words, without secrets
  std::vector<std::string> files;

  // A CA file, a kubeconfig (or the Pod's service account), a client
  // certificate and a token file go together; what has a flag of its own wins.
  // prometheus-adapter drops some of them in silence (oddity 4 of its
  // specification).  Errors are worded as its are.
  static Result<BackendAccess> Read(const config::BackendFlags& flags);
};

// The backend that the flags describe, ready to be asked: for `serve`, and for
// the commands that ask and end.  Loop only.
class BackendClient {
 public:
  // Reads files and environment: `variable` gives the value of a variable, ""
  // if it is not set.  What is passed by reference must outlive this object.
  static Result<std::unique_ptr<BackendClient>> Build(
      const config::BackendFlags& flags,
      const std::function<std::string(const char*)>& variable, Clock& clock,
      obs::Metrics& metrics);

  backend::Backend& backend() { return *backend_; }

  // "http://prom:9090": its URL without user info.
  const std::string& server() const { return server_; }

  // Follows the files, if there are any, and takes over what is good: another
  // CA or certificate counts for new connections, another token for the next
  // request.  Each Task runs until cancelled; `reports` must outlive it.
  std::vector<Task<void>> Followers(FileReports& reports);
  // Looks at once.
  void Reload(FileReports& reports);

  // A loop that is to end has nothing left to wait for.
  void CloseIdle() { client_->CloseIdle(); }

 private:
  BackendClient(config::BackendFlags flags, BackendAccess access, Clock& clock)
      : flags_(std::move(flags)), access_(std::move(access)), clock_(clock) {}

  void Look(FileReports& reports, bool even_if_the_same);

  const config::BackendFlags flags_;
  BackendAccess access_;
  Clock& clock_;
  std::string server_;
  std::unique_ptr<net::PooledHttpClient> client_;
  std::unique_ptr<net::RedirectingClient> redirecting_;
  std::unique_ptr<backend::HeldToken> token_;
  std::unique_ptr<backend::PrometheusBackend> backend_;
};

// The process' own environment, as `variable` wants it.
std::string EnvironmentVariable(const char* name);

}  // namespace sextant::app
