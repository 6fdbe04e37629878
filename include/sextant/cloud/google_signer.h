#pragma once

#include <functional>
#include <memory>
#include <string>

#include "sextant/base/clock.h"
#include "sextant/base/result.h"
#include "sextant/net/request_signer.h"
#include "sextant/net/url.h"

namespace sextant::cloud {

// Puts an access token of Google that may read metrics (monitoring.read) into
// requests.  Whose it is, is looked for as Google's libraries do:
//
//  1. the file of these options;
//  2. the file that GOOGLE_APPLICATION_CREDENTIALS names;
//  3. $HOME/.config/gcloud/application_default_credentials.json, if there is
//     one;
//  4. the metadata server of GKE and GCE, or what GCE_METADATA_HOST names.
//
// A file may be a service account's key, a user's, that of an external account
// (a token in a file or at a URL), and one of these that impersonates a service
// account.  A key signs the tokens itself, unless its file names a token server
// that is not Google's.  Tokens are renewed 225 seconds before their end, or
// when the service answers 401; files are read each time.
struct GoogleOptions {
  net::Url url;                  // of the service
  std::string credentials_file;  // empty: looked for
};

// `variable` gives the environment, "" for what is not set.  `outside` leads to
// the world, `local` to the node, by no proxy; they and `clock` must outlive
// the signer.  A file that cannot be read or used is an error, and no other
// place is looked at then.  So is a URL to which a token would go without TLS.
Result<std::unique_ptr<net::RequestSigner>> MakeGoogleSigner(
    const GoogleOptions& options,
    const std::function<std::string(const char*)>& variable,
    net::HttpClient& outside, net::HttpClient& local, Clock& clock);

}  // namespace sextant::cloud
