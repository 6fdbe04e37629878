#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "backend_client.h"
#include "file_reports.h"
#include "sextant/backend/backends.h"
#include "sextant/backend/guarded.h"
#include "sextant/base/clock.h"
#include "sextant/base/result.h"
#include "sextant/base/task.h"
#include "sextant/config/backends.h"
#include "sextant/obs/metrics.h"

namespace sextant::app {

// All backends of one configuration: the one of the flags, unless the file has
// one of its name, and those of the file.  Loop only.
class BackendSet {
 public:
  // As BackendClient::Build().  `file` must have been read without errors.
  // What is passed by reference must outlive this object.
  static Result<std::unique_ptr<BackendSet>> Build(
      const config::BackendFlags& flags,
      const std::vector<config::Backend>& file,
      const std::function<std::string(const char*)>& variable, Clock& clock,
      obs::Metrics& metrics);

  // Good for the life of this object.
  backend::Backends backends() const { return backend::Backends(by_name_); }
  const backend::Backends::ByName& by_name() const { return by_name_; }

  // Of the servers, in the file's order.
  std::vector<const backend::GuardedBackend*> guards() const;

  // "http://a:9090, http://b:9090": whom a command asks.
  std::string InWords() const;

  // FollowedCredentials', of all.
  std::vector<Task<void>> Followers(FileReports& reports);
  void Reload(FileReports& reports);
  void Forget(FileReports& reports) const;
  void CloseIdle();

  // Of the client certificate that ends first.
  std::optional<TimePoint> CertificateEnd() const;

  // For /readyz?verbose, a line each: "[+]backend/shop ok".  None if there is
  // only the backend of the flags: then each rule's line says it.
  std::vector<std::string> Notes() const;

 private:
  struct Server {
    std::unique_ptr<BackendClient> client;
    std::unique_ptr<backend::GuardedBackend> guard;
  };

  BackendSet() = default;
  Result<Done> AddServer(
      const config::Backend& described,
      const std::function<std::string(const char*)>& variable, Clock& clock,
      obs::Metrics& metrics);
  void AddComposites(const std::vector<config::Backend>& file, Clock& clock,
                     obs::Metrics& metrics);

  std::vector<Server> servers_;
  std::vector<std::unique_ptr<backend::Backend>> composites_;
  backend::Backends::ByName by_name_;
};

}  // namespace sextant::app
