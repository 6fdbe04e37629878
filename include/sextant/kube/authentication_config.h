#pragma once

#include <functional>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sextant/base/clock.h"
#include "sextant/base/result.h"
#include "sextant/base/task.h"
#include "sextant/kube/client.h"

namespace sextant::kube {

// What a cluster tells its API servers about who may call them: the ConfigMap
// kube-system/extension-apiserver-authentication, which kube-apiserver writes.
struct AuthenticationConfig {
  std::string client_ca_pem;         // whose certificates name users; empty:
                                     // no certificate does
  std::string requestheader_ca_pem;  // whose certificates are front proxies';
                                     // empty: there are no front proxies
  std::vector<std::string> allowed_names;  // common names of front proxies;
                                           // empty: any
  std::vector<std::string> username_headers;
  std::vector<std::string> group_headers;
  std::vector<std::string> extra_prefixes;
  std::vector<std::string> uid_headers;  // empty: no header is one

  friend bool operator==(const AuthenticationConfig&,
                         const AuthenticationConfig&) = default;
};

// Reads the ConfigMap's `data`.  Keys that are not there leave their fields
// empty; keys that it does not know are passed over.  The error names the key.
// Whether the certificates can be used is for those who use them.  Pure.
Result<AuthenticationConfig> ParseAuthenticationConfig(
    const std::map<std::string, std::string>& data);

// Keeps up with that ConfigMap.  Loop only; what is passed by reference must
// outlive this object.
class AuthenticationConfigFollower {
 public:
  // Gets what the ConfigMap says: at first, and when it differs from what was
  // last taken.  An error refuses it (a certificate that cannot be read, say):
  // the one before stays, and this one is offered again with the next look.
  using Take = std::function<Result<Done>(const AuthenticationConfig&)>;

  // Hears how each look went: `Done` if what was taken is what the ConfigMap
  // says now.  What is wrong for long is said again and again.
  using Report = std::function<void(const Result<Done>&)>;

  AuthenticationConfigFollower(Client& client, Clock& clock, Take take,
                               Report report);

  // One look, for the start.  A ConfigMap that is not there is no error, and
  // nothing is taken.  kPermissionDenied says which Role must be bound.
  Task<Result<Done>> Load(TimePoint deadline);

  // Sees changes by a watch, and looks once a minute in any case.  When the
  // ConfigMap is deleted or says what cannot be used, what was taken stays.
  // Failures are tried again with growing pauses, of half a minute at most.
  // Runs until cancelled.
  Task<void> Run();

 private:
  // Gives the version at which the watch begins.
  Task<Result<std::string>> Look();
  Task<Result<Done>> Watch(std::string version);
  Result<Done> OnEvent(std::string_view line);
  Result<Done> Offer(const nlohmann::json& config_map);

  Client& client_;
  Clock& clock_;
  const Take take_;
  const Report report_;
  std::optional<AuthenticationConfig> taken_;
};

}  // namespace sextant::kube
