#pragma once

#include <string>
#include <string_view>

#include "sextant/base/result.h"

namespace sextant::config {

// One context of a kubeconfig file: how to reach a server, and as whom
// (https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/).
struct KubeconfigContext {
  std::string name;
  std::string namespace_;  // empty: none

  std::string server;  // URL
  std::string tls_server_name;
  std::string proxy_url;
  bool insecure_skip_tls_verify = false;

  // PEM that stands in the file itself, base64 undone; else the path of a file.
  // Relative paths are made relative to the kubeconfig's own folder.
  struct Pem {
    std::string data;
    std::string file;
    bool empty() const { return data.empty() && file.empty(); }
  };
  Pem certificate_authority;  // empty: the system's
  Pem client_certificate;     // both or none
  Pem client_key;

  std::string token;
  std::string token_file;  // wins over `token`, as in client-go
  std::string username;    // both or none
  std::string password;
};

// The context called `context`, or the file's current-context if that is empty.
//
// `text` came from `file`.  Keys that are not needed are passed over.  What
// cannot be done is refused: exec plug-ins and auth-providers would start other
// programs.  Errors name file, line and field, all of them at once, and hold no
// secrets.  Pure.
Result<KubeconfigContext> ParseKubeconfig(const std::string& file,
                                          std::string_view text,
                                          const std::string& context = "");

}  // namespace sextant::config
