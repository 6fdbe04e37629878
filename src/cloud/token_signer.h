#pragma once

#include <string>

#include "renewed.h"
#include "sextant/net/request_signer.h"

namespace sextant::cloud {

// A bearer token, and what goes with it.
struct BearerToken {
  std::string token;
  net::Headers headers = {};  // set where the request has none of that name
};

// Puts a bearer token that is renewed into each request.  Loop only.
class TokenSigner final : public net::RequestSigner {
 public:
  // `early`: how long before its end a token is renewed.  `clock` must outlive
  // this.
  TokenSigner(Renewed<BearerToken>::Fetch fetch, Duration early, Clock& clock);

  Task<Result<Done>> Sign(net::ClientRequest& request, TimePoint now,
                          TimePoint deadline) override;

  // A token that has ended or is not known any more is 401; 403 says that who
  // it belongs to may not ask, and another token would not help.
  bool Renew(const net::ClientRequest& request, int status,
             TimePoint now) override;

 private:
  Renewed<BearerToken> tokens_;
};

}  // namespace sextant::cloud
