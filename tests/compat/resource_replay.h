// Puts recorded samples of what pods and nodes use to the engine of resource
// metrics.

#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sextant/base/result.h"
#include "sextant/query/resource_engine.h"

namespace sextant::compat {

class ResourceReplay {
 public:
  // What the backend does instead of answering with the samples.
  enum class Mishap { kNone, kError, kScalar };

  explicit ResourceReplay(const std::string& rules);
  ~ResourceReplay();

  void AddPod(const std::string& ns, const std::string& name);
  void AddNode(const std::string& name);

  // "ns/pod/container 1100 @10ms", "ns/pod 1100", "node1 1100 @10ms".  Queries
  // about *cpu* get those of cpu, all others those of memory.
  void AddCpu(const std::string& sample);
  void AddMemory(const std::string& sample);
  void SetMishap(Mishap mishap);

  Result<query::ResourceAnswer> Ask(query::ResourceRequest request);

  // Every query so far.
  const std::vector<std::string>& queries() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// "some-ns/pod1 @10 1m0s cont1=1100/3100": name, milliseconds, window, and of
// each container cpu and memory; "-" for what is left out.
std::vector<std::string> Lines(const query::ResourceAnswer& answer);

}  // namespace sextant::compat
