#include "jwt.h"

#include <algorithm>
#include <utility>

#include "sextant/base/json.h"
#include "sextant/base/text.h"
#include "sextant/net/rsa_signature.h"

namespace sextant::cloud {

std::string Base64Url(std::string_view bytes) {
  std::string text = Base64Encode(bytes);
  std::replace(text.begin(), text.end(), '+', '-');
  std::replace(text.begin(), text.end(), '/', '_');
  text.erase(text.find_last_not_of('=') + 1);
  return text;
}

Result<std::string> SignJwt(const std::string& key_pem,
                            const std::string& key_id,
                            std::string_view claims) {
  std::string header = R"({"alg":"RS256","typ":"JWT")";
  if (!key_id.empty()) {
    header += R"(,"kid":)";
    AppendJsonString(header, key_id);
  }
  header += "}";
  std::string token = Base64Url(header) + "." + Base64Url(claims);
  const Result<std::string> signature = net::SignRs256(key_pem, token);
  if (!signature) return signature.error();
  return std::move(token) + "." + Base64Url(*signature);
}

}  // namespace sextant::cloud
