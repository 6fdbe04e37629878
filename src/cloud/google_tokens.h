#pragma once

#include <string>

#include "google_file.h"
#include "renewed.h"
#include "secret_servers.h"
#include "token_reply.h"
#include "token_signer.h"

namespace sextant::cloud {

// Tokens of Google, by the way that a credentials file says, or from the
// metadata server.  The file is read for each.  Loop only.
class GoogleTokens {
 public:
  struct Options {
    std::string file;   // empty: the metadata server
    net::Url metadata;  // where that is
    // Who pays; empty: whom the file names.
    std::string quota_project;
  };

  GoogleTokens(Options options, SecretServers servers)
      : options_(std::move(options)), servers_(std::move(servers)) {}

  // A token that may read metrics.
  Task<Result<Renewed<BearerToken>::Lease>> Fetch(TimePoint deadline) const;

 private:
  Task<Result<TokenLease>> FromMetadata(TimePoint deadline) const;
  Task<Result<TokenLease>> FromFile(const GoogleFile& file,
                                    TimePoint deadline) const;
  // Of the account that the file is for, with that scope.
  Task<Result<TokenLease>> FromSource(const GoogleFile& file,
                                      const std::string& scope,
                                      TimePoint deadline) const;
  Task<Result<TokenLease>> OfKey(const ServiceAccountKey& key,
                                 const std::string& scope,
                                 TimePoint deadline) const;
  Task<Result<TokenLease>> OfExternal(const ExternalAccount& account,
                                      const std::string& scope,
                                      TimePoint deadline) const;
  Task<Result<std::string>> SubjectToken(const ExternalAccount& account,
                                         TimePoint deadline) const;
  Task<Result<TokenLease>> Impersonate(const Impersonation& impersonation,
                                       const std::string& token,
                                       TimePoint deadline) const;
  // Asks for a token, and reads what comes with `read`.
  Task<Result<TokenLease>> Ask(net::ClientRequest request, TimePoint deadline,
                               Result<TokenLease> (*read)(std::string_view,
                                                          TimePoint)) const;

  const Options options_;
  const SecretServers servers_;
};

}  // namespace sextant::cloud
