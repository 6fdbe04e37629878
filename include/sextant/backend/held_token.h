#pragma once

#include <string>
#include <utility>

#include "sextant/net/request_signer.h"

namespace sextant::backend {

// A bearer token that somebody else keeps up to date: who follows the file it
// is in.  Loop only.
class HeldToken final : public net::RequestSigner {
 public:
  explicit HeldToken(std::string token) : token_(std::move(token)) {}

  void Set(std::string token) { token_ = std::move(token); }
  const std::string& token() const { return token_; }

  Task<Result<Done>> Sign(net::ClientRequest& request, TimePoint /*now*/,
                          TimePoint /*deadline*/) override {
    request.headers.Set("Authorization", "Bearer " + token_);
    co_return Done{};
  }

 private:
  std::string token_;
};

}  // namespace sextant::backend
