#include "token_signer.h"

#include <utility>

namespace sextant::cloud {

TokenSigner::TokenSigner(Renewed<BearerToken>::Fetch fetch, Duration early,
                         Clock& clock)
    : tokens_(std::move(fetch), early, clock) {}

Task<Result<Done>> TokenSigner::Sign(net::ClientRequest& request,
                                     TimePoint /*now*/, TimePoint deadline) {
  const Result<BearerToken> token = co_await tokens_.Get(deadline);
  if (!token) co_return token.error();
  request.headers.Set("Authorization", "Bearer " + token->token);
  for (const auto& [name, value] : token->headers.fields()) {
    if (request.headers.Find(name) == nullptr) request.headers.Add(name, value);
  }
  co_return Done{};
}

bool TokenSigner::Renew(const net::ClientRequest& request, int status,
                        TimePoint /*now*/) {
  if (status != 401) return false;
  const std::string* const proof = request.headers.Find("Authorization");
  return tokens_.Drop([proof](const BearerToken& token) {
    return proof != nullptr && *proof == "Bearer " + token.token;
  });
}

}  // namespace sextant::cloud
