#include "reload.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "sextant/base/file.h"
#include "sextant/base/text.h"
#include "sextant/base/time_text.h"
#include "sextant/net/digest.h"
#include "sextant/net/file_watch.h"
#include "sextant/obs/log.h"

namespace sextant::app {
namespace {

constexpr char kConfig[] = "config";
constexpr char kCertificate[] = "serving_certificate";

std::vector<std::string> ConfigFiles(const config::ServeFlags& flags) {
  std::vector<std::string> files = {flags.config};
  for (const std::string& file :
       {flags.standalone_resources, flags.standalone_objects}) {
    if (!file.empty()) files.push_back(file);
  }
  return files;
}

}  // namespace

std::optional<ServingFiles> FindServingFiles(
    const config::ServingFlags& flags) {
  if (!flags.tls_cert_file.empty()) {
    return ServingFiles{flags.tls_cert_file, flags.tls_private_key_file};
  }
  if (flags.cert_dir.empty()) return std::nullopt;
  const std::filesystem::path folder(flags.cert_dir);
  const ServingFiles files{folder / "apiserver.crt", folder / "apiserver.key"};
  std::error_code ignored;
  if (!std::filesystem::exists(files.certificate, ignored) ||
      !std::filesystem::exists(files.key, ignored)) {
    return std::nullopt;
  }
  return files;
}

Result<std::vector<net::NamedKeyPair>> ReadNamedPairs(
    const config::ServingFlags& flags) {
  std::vector<net::NamedKeyPair> pairs;
  for (const auto& named : flags.sni_certificates) {
    Result<net::KeyPair> pair =
        net::ReadKeyPairFiles(named.cert_file, named.key_file);
    if (!pair) return std::move(pair).error().Within("--tls-sni-cert-key");
    pairs.push_back({*std::move(pair), named.names});
  }
  return pairs;
}

Reloader::Reloader(config::ServeFlags flags,
                   std::optional<ServingFiles> serving,
                   std::shared_ptr<const rules::RuleSet> current,
                   ClusterTable resources, net::ServingTls& tls, Clock& clock,
                   FileReports& reports, Apply apply)
    : flags_(std::move(flags)),
      serving_(std::move(serving)),
      resources_(std::move(resources)),
      tls_(tls),
      clock_(clock),
      reports_(reports),
      apply_(std::move(apply)),
      current_(std::move(current)),
      looked_at_(Digest()) {
  reports_.Add(kConfig);
  if (!CertificateFiles().empty()) reports_.Add(kCertificate);
}

std::vector<Task<void>> Reloader::Followers() {
  std::vector<Task<void>> followers;
  followers.push_back(net::FollowFiles(ConfigFiles(flags_), clock_,
                                       [this] { LookAtConfig(false); }));
  if (!CertificateFiles().empty()) {
    followers.push_back(net::FollowFiles(
        CertificateFiles(), clock_, [this] { LookAtCertificates(false); }));
  }
  return followers;
}

void Reloader::ReloadAll() {
  LookAtConfig(true);
  if (!CertificateFiles().empty()) LookAtCertificates(true);
}

std::string Reloader::Digest() const {
  std::string digests;
  for (const std::string& file : ConfigFiles(flags_)) {
    const Result<std::string> text = ReadFile(file, kMaxObjectsBytes);
    digests += text ? net::Sha512Hex(*text) : text.error().message;
  }
  return digests;
}

void Reloader::LookAtConfig(bool even_if_the_same) {
  std::string digest = Digest();
  if (digest == looked_at_ && !even_if_the_same) return;
  looked_at_ = std::move(digest);
  Result<Inputs> inputs = ReadChangedInputs(
      flags_, resources_ ? resources_() : nullptr, current_->resources);
  if (!inputs) {
    reports_.Failed(kConfig, inputs.error(), even_if_the_same);
    return;
  }
  const std::shared_ptr<const rules::RuleSet> fresh = inputs->rules;
  if (Result<Done> taken = apply_(*std::move(inputs)); !taken) {
    reports_.Failed(kConfig, std::move(taken).error().Within(flags_.config),
                    even_if_the_same);
    return;
  }
  current_ = fresh;
  reports_.Succeeded(kConfig, true);
  obs::Info("configuration taken over",
            {{"file", flags_.config},
             {"rules", std::to_string(current_->custom.size())},
             {"externalRules", std::to_string(current_->external.size())}});
}

std::vector<std::string> Reloader::CertificateFiles() const {
  std::vector<std::string> files;
  if (serving_) files = {serving_->certificate, serving_->key};
  for (const auto& named : flags_.serving.sni_certificates) {
    files.push_back(named.cert_file);
    files.push_back(named.key_file);
  }
  return files;
}

Result<bool> Reloader::TakeNamedPairs() {
  const Result<std::vector<net::NamedKeyPair>> pairs =
      ReadNamedPairs(flags_.serving);
  if (!pairs) return pairs.error();
  std::string all;
  for (const net::NamedKeyPair& named : *pairs) {
    all += named.pair.certificate_pem + named.pair.key_pem;
  }
  if (all == named_pairs_) return false;
  if (const Result<Done> taken = tls_.ReplaceNamed(*pairs); !taken) {
    return taken.error();
  }
  named_pairs_ = std::move(all);
  return true;
}

void Reloader::LookAtCertificates(bool even_if_the_same) {
  const Result<bool> usual =
      serving_
          ? net::ReloadKeyPairFiles(serving_->certificate, serving_->key, tls_)
          : Result<bool>(false);
  const Result<bool> named = TakeNamedPairs();
  if (!usual || !named) {
    reports_.Failed(kCertificate, usual ? named.error() : usual.error(),
                    even_if_the_same);
    return;
  }
  const bool news = *usual || *named || even_if_the_same;
  if (!reports_.Succeeded(kCertificate, news)) return;
  obs::Info("serving certificates taken over",
            {{"files", Join(CertificateFiles(), ",")},
             {"valid_until", FormatRfc3339(tls_.NotAfter())}});
}

}  // namespace sextant::app
