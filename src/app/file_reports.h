#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "sextant/base/clock.h"
#include "sextant/base/result.h"
#include "sextant/obs/metrics.h"

namespace sextant::app {

// How it goes with the files that are read again while the program runs: of
// each kind, by its name ("config", "serving_certificate",
// "backend_credentials", "cluster_credentials") the log, metrics and notes for
// /readyz?verbose tell whether what lies there now could be taken over.  Loop
// only; what is passed by reference must outlive this object, and this the
// registry's last use.
class FileReports {
 public:
  FileReports(Clock& clock, obs::Metrics& metrics);

  // What the program has of the kind `name` is good.
  void Add(const std::string& name);
  // No file of this kind is followed any more.
  void Remove(const std::string& name) { kinds_.erase(name); }

  // The last good one stays.  Said once for the same message, unless
  // `say_it_again`.  Of a kind that was not added, or removed, nothing is told.
  void Failed(const std::string& name, const Error& error, bool say_it_again);

  // `news`: something was taken over.  True if that, or the end of a failure,
  // is worth a line in the log.
  bool Succeeded(const std::string& name, bool news);

  // "[-]config kept, the file cannot be used: config.yaml:3:1: ..."
  std::vector<std::string> Notes() const;

 private:
  struct Kind {
    std::vector<std::string> problems;  // of the last look; none: it went well
    TimePoint last_success{};
    std::uint64_t* errors = nullptr;
  };

  Clock& clock_;
  obs::Metrics& metrics_;
  std::map<std::string, Kind> kinds_;
};

}  // namespace sextant::app
