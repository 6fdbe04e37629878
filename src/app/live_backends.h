#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "backend_set.h"
#include "file_reports.h"
#include "sextant/backend/backends.h"
#include "sextant/backend/replaceable.h"
#include "sextant/base/clock.h"
#include "sextant/base/result.h"
#include "sextant/base/spawn.h"
#include "sextant/config/backends.h"
#include "sextant/config/flags.h"
#include "sextant/obs/metrics.h"

namespace sextant::app {

// The backends of a program that serves: those of the configuration in use,
// which may become another.  What was asked of them before ends as it began.
// Loop only.
class LiveBackends {
 public:
  struct Options {
    config::BackendFlags flags;
    // Gives the value of a variable of the environment, "" if it is not set.
    std::function<std::string(const char*)> variable;
  };

  // `file`: those of the configuration, read without errors.  An error is
  // BackendSet::Build()'s.  Everything passed by reference must outlive this
  // object.
  static Result<std::unique_ptr<LiveBackends>> Build(
      Options options, const std::vector<config::Backend>& file, Clock& clock,
      obs::Metrics& metrics, FileReports& reports);
  ~LiveBackends();

  // Good for the life of this object, whatever takes the place of what.
  backend::Backends backends() const { return backend::Backends(by_name_); }

  // All that `file` has are new: connections, credentials, circuits.  After an
  // error everything is as it was.  Those before stay until nobody can wait for
  // them any more.
  Result<Done> Replace(const std::vector<config::Backend>& file);

  // Follows the files of their credentials, now and of those to come.
  void Follow(boost::asio::any_io_executor executor);
  // Nothing more; open connections that nobody uses are closed.
  void Stop();
  // Looks at the files of their credentials at once.
  void Reload() { current_->Reload(reports_); }

  // BackendSet's.
  std::optional<TimePoint> CertificateEnd() const {
    return current_->CertificateEnd();
  }
  std::vector<std::string> Notes() const { return current_->Notes(); }

 private:
  LiveBackends(Options options, Clock& clock, obs::Metrics& metrics,
               FileReports& reports);
  Result<std::shared_ptr<BackendSet>> Make(
      const std::vector<config::Backend>& file);
  // Names mean those of `set` from now on.
  void TakeOver(std::shared_ptr<BackendSet> set);
  void FollowCurrent();
  void ShowGauges();

  const Options options_;
  Clock& clock_;
  obs::Metrics& metrics_;
  FileReports& reports_;
  // What others know them by: names are added, none goes.
  std::map<std::string, std::unique_ptr<backend::ReplaceableBackend>> names_;
  const std::shared_ptr<backend::Backends::ByName> by_name_ =
      std::make_shared<backend::Backends::ByName>();
  std::shared_ptr<BackendSet> current_;
  boost::asio::any_io_executor executor_;  // none before Follow()
  std::vector<Running> followers_;         // of the current ones
  std::vector<Running> kept_;              // those before
};

}  // namespace sextant::app
