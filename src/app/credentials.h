#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sextant/base/clock.h"
#include "sextant/base/result.h"
#include "sextant/config/kubeconfig.h"
#include "sextant/net/pooled_client.h"
#include "sextant/net/proxy.h"

namespace sextant::app {

// What proves to a server who asks, and to us that it is the server.
struct Credentials {
  net::PooledHttpClient::Tls tls;
  std::optional<std::string> token;
  std::string user_info;           // "user:password"; empty: none
  std::string proxy_url;           // a kubeconfig's; empty: the environment's
  std::vector<std::string> files;  // that they were read from

  // Where each comes from: the path of a file.
  std::string token_source;
  std::string user_source;
  std::string certificate_source;

  // What says who asks, without secrets: "the token of /run/token"; empty: at
  // most the certificate does.
  std::string Who() const;
  // `who` and the certificate: "the token of /run/token, the client certificate
  // of /run/tls.crt", or "none".
  std::string InWords(const std::string& who) const;

  // When the client certificate ends; nothing if there is none.
  std::optional<TimePoint> CertificateEnd() const;

  // The way to the server: proxy_url, or what the environment says.
  net::ProxySettings Proxies(const net::ProxySettings& environment) const;

  // Would new requests and connections carry the same?
  bool SameAs(const Credentials& other) const;
};

// Where Kubernetes puts what a Pod proves itself with
// (https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/).
inline constexpr char kServiceAccountFolder[] =
    "/var/run/secrets/kubernetes.io/serviceaccount";

// Reads credentials piece by piece; what is taken later wins.  The first
// mistake counts and is what Finish() gives.  `what` names the setting that
// wants a file, for errors.  Blocks, for small local files.
class CredentialsReader {
 public:
  void TakeCa(const std::string& path, const std::string& what);
  void TakeKeyPair(const std::string& certificate_path,
                   const std::string& key_path);
  void TakeToken(const std::string& path, const std::string& what);

  // What the current context says.  Nothing after a mistake.
  std::optional<config::KubeconfigContext> TakeKubeconfig(
      const std::string& path, const std::string& what);

  // A mistake that the caller has found.
  void Fail(std::string message);

  Result<Credentials> Finish() &&;

 private:
  using Pem = config::KubeconfigContext::Pem;

  std::string File(const std::string& path, const std::string& what);
  std::string Text(const Pem& pem, const std::string& what);
  void TakePair(const Pem& certificate, const Pem& key);

  Credentials credentials_;
  std::optional<Error> failure_;
};

}  // namespace sextant::app
