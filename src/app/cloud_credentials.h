#pragma once

#include <functional>
#include <memory>
#include <string>

#include "sextant/base/clock.h"
#include "sextant/base/result.h"
#include "sextant/config/flags.h"
#include "sextant/net/pooled_client.h"
#include "sextant/net/request_signer.h"
#include "sextant/net/url.h"

namespace sextant::app {

// The credentials of a cloud, and the HTTP clients by which they are renewed.
// Loop only.
class CloudCredentials {
 public:
  // What --backend-auth names, for the backend at `url`; null if it is none.
  // An error says what the environment lacks.  `clock` must outlive this.
  static Result<std::unique_ptr<CloudCredentials>> Build(
      const config::BackendFlags& flags, const net::Url& url,
      const std::function<std::string(const char*)>& variable, Clock& clock);

  // What a request carries then: "a token of Google"; empty: nothing.
  static std::string InWords(config::BackendFlags::Auth auth);

  net::RequestSigner& signer() { return *signer_; }

  // A loop that is to end has nothing left to wait for.
  void CloseIdle();

 private:
  CloudCredentials() = default;

  std::unique_ptr<net::PooledHttpClient> outside_;
  // Without proxies: what it asks is on the node.
  std::unique_ptr<net::PooledHttpClient> local_;
  std::unique_ptr<net::RequestSigner> signer_;
};

}  // namespace sextant::app
