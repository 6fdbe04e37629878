// Google's files of credentials (https://google.aip.dev/auth/4110 and those it
// leads to).  Pure.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "sextant/base/result.h"
#include "sextant/net/http.h"
#include "sextant/net/url.h"

namespace sextant::cloud {

// "type": "service_account"
struct ServiceAccountKey {
  std::string email;
  std::string key_pem;
  std::string key_id;
  // Where a token for the key is fetched; nothing: the key signs tokens that
  // Google's services take.
  std::optional<net::Url> exchange;
};

// "type": "authorized_user"
struct AuthorizedUser {
  std::string client_id;
  std::string client_secret;
  std::string refresh_token;
  net::Url token_url;
};

// "type": "external_account": who we are to somebody else, which Google trusts.
struct ExternalAccount {
  std::string audience;
  std::string subject_token_type;
  net::Url token_url;
  // Where the subject's token is: in `file`, or at `url`.
  std::string file;
  net::Url url;
  net::Headers headers;    // for `url`
  std::string json_field;  // that has the token; empty: it is all of the text
  std::string client_id;
  std::string client_secret;
  std::string user_project;  // of a workforce pool; empty: none
};

// The account whose token is fetched with that of another.
struct Impersonation {
  net::Url url;
  std::vector<std::string> delegates;
  int lifetime_seconds = 3600;
};

struct GoogleFile {
  std::variant<ServiceAccountKey, AuthorizedUser, ExternalAccount> source;
  std::optional<Impersonation> impersonation;
  std::string quota_project;  // who pays for the requests; empty: not said
};

// Reads `text`, the content of the file `path`.  The error names file and
// fields, says what to write, and repeats no value that is a secret.
Result<GoogleFile> ReadGoogleFile(const std::string& path,
                                  std::string_view text);

}  // namespace sextant::cloud
