#include "sextant/cloud/google_signer.h"

#include <chrono>
#include <filesystem>
#include <system_error>
#include <utility>

#include "google_file.h"
#include "google_tokens.h"
#include "safe_url.h"
#include "sextant/base/file.h"
#include "token_reply.h"
#include "token_signer.h"

namespace sextant::cloud {
namespace {

using Variable = std::function<std::string(const char*)>;

constexpr std::size_t kMostBytes = std::size_t{64} * 1024;

// The metadata server keeps a token until four minutes before its end, and
// gives the same one before.
constexpr Duration kEarly = std::chrono::seconds(225);

// A file, and what it was named by.
struct Source {
  std::string file;
  std::string by;
};

Source FindSource(const GoogleOptions& options, const Variable& variable) {
  if (!options.credentials_file.empty()) {
    return {options.credentials_file, "--google-credentials-file"};
  }
  const std::string named = variable("GOOGLE_APPLICATION_CREDENTIALS");
  if (!named.empty()) return {named, "GOOGLE_APPLICATION_CREDENTIALS"};
  const std::string home = variable("HOME");
  if (home.empty()) return {};
  const std::string usual =
      home + "/.config/gcloud/application_default_credentials.json";
  std::error_code unknown;
  if (!std::filesystem::exists(usual, unknown)) return {};
  return {usual, "--backend-auth=google"};
}

}  // namespace

Result<std::unique_ptr<net::RequestSigner>> MakeGoogleSigner(
    const GoogleOptions& options, const Variable& variable,
    net::HttpClient& outside, net::HttpClient& local, Clock& clock) {
  const Result<net::Url> backend =
      SafeUrl(options.url.ToString(), "--backend-auth=google");
  if (!backend) return backend.error();
  GoogleTokens::Options tokens;
  tokens.quota_project = variable("GOOGLE_CLOUD_QUOTA_PROJECT");
  if (!tokens.quota_project.empty() && !IsVisibleAscii(tokens.quota_project)) {
    return Error{ErrorCode::kInvalidArgument,
                 "GOOGLE_CLOUD_QUOTA_PROJECT is no project; write its ID", ""};
  }
  const Source source = FindSource(options, variable);
  if (source.file.empty()) {
    const std::string host = variable("GCE_METADATA_HOST");
    Result<net::Url> metadata =
        net::Url::Parse("http://" + (host.empty() ? "169.254.169.254" : host));
    if (!metadata)
      return std::move(metadata).error().Within("GCE_METADATA_HOST");
    tokens.metadata = *std::move(metadata);
  } else {
    // Mistakes are told now, not with the first request.
    const Result<std::string> text = ReadFile(source.file, kMostBytes);
    if (!text) return Error(text.error()).Within(source.by);
    const Result<GoogleFile> file = ReadGoogleFile(source.file, *text);
    if (!file) return Error(file.error()).Within(source.by);
    tokens.file = source.file;
  }
  SecretServers servers{"no Google token for the backend", outside, local,
                        OAuthErrorIn, clock};
  const auto held =
      std::make_shared<const GoogleTokens>(std::move(tokens), servers);
  std::unique_ptr<net::RequestSigner> signer = std::make_unique<TokenSigner>(
      [held](TimePoint deadline) { return held->Fetch(deadline); }, kEarly,
      clock);
  return signer;
}

}  // namespace sextant::cloud
