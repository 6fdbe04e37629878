// Whose word is believed about who calls.

#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sextant/base/result.h"
#include "sextant/kube/authentication_config.h"
#include "sextant/net/peer.h"

namespace sextant::auth {

// A program in front of this one that says in headers who calls it: the API
// server's aggregator.
struct FrontProxy {
  std::shared_ptr<const net::CaBundle> ca;  // of its certificates
  // Common names that its certificates may have; empty: any.
  std::vector<std::string> allowed_names;
  // Names compare without regard to case.
  std::vector<std::string> username_headers;
  std::vector<std::string> group_headers;
  std::vector<std::string> extra_prefixes;
  std::vector<std::string> uid_headers;  // empty: no header is believed
};

// An immutable snapshot.
struct Trust {
  // Of users' own certificates; null: no certificate names a user.
  std::shared_ptr<const net::CaBundle> client_ca;
  std::optional<FrontProxy> front_proxy;
};

// Puts a Trust together from two sources: what the cluster says, and what the
// flags say.  As with the API server's flags, each of the two parts comes from
// one source: --client-ca-file takes the place of the cluster's client CA, and
// --requestheader-client-ca-file of all that the cluster says about front
// proxies, names of headers included.  Without that file the other
// --requestheader-* flags do nothing.  Loop only.
class TrustSource {
 public:
  // A part that has become empty or cannot be read (the error says which, and
  // why) leaves the one before in its place: a slip in a file must not lock
  // everybody out.
  Result<Done> SetFromCluster(const kube::AuthenticationConfig& config);
  // The same for the flags: the files' texts in the two *_pem.
  Result<Done> SetFromFlags(const kube::AuthenticationConfig& config);

  std::shared_ptr<const Trust> Current() const { return current_; }

 private:
  void Compose();

  Trust cluster_;
  Trust flags_;
  std::shared_ptr<const Trust> current_ = std::make_shared<Trust>();
};

}  // namespace sextant::auth
