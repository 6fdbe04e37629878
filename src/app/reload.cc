#include "reload.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "sextant/base/file.h"
#include "sextant/base/time_text.h"
#include "sextant/net/digest.h"
#include "sextant/net/file_watch.h"
#include "sextant/obs/log.h"

namespace sextant::app {
namespace {

constexpr char kConfig[] = "config";
constexpr char kCertificate[] = "serving_certificate";

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

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

Reloader::Reloader(config::ServeFlags flags,
                   std::optional<ServingFiles> serving,
                   std::shared_ptr<const rules::RuleSet> current,
                   net::ServingTls& tls, Clock& clock, obs::Metrics& metrics,
                   Apply apply)
    : flags_(std::move(flags)),
      serving_(std::move(serving)),
      tls_(tls),
      clock_(clock),
      metrics_(metrics),
      apply_(std::move(apply)),
      current_(std::move(current)),
      looked_at_(Digest()) {
  AddKind(kConfig);
  if (serving_) AddKind(kCertificate);
}

Reloader::Kind& Reloader::AddKind(const std::string& name) {
  Kind& kind = kinds_[name];
  kind.last_success = clock_.Now();
  kind.errors = &metrics_.Counter(
      "sextant_file_reload_errors_total",
      "Changed files that could not be used, by kind.", {{"kind", name}});
  metrics_.Gauge("sextant_file_reload_failed",
                 "Are the files of this kind unusable as they are now?",
                 {{"kind", name}},
                 [&kind] { return kind.problems.empty() ? 0.0 : 1.0; });
  metrics_.Gauge("sextant_file_reload_last_success_timestamp_seconds",
                 "When files of this kind were last taken over.",
                 {{"kind", name}}, [&kind] {
                   return static_cast<double>(
                              kind.last_success.time_since_epoch().count()) /
                          1000;
                 });
  return kind;
}

std::vector<Task<void>> Reloader::Followers() {
  std::vector<Task<void>> followers;
  followers.push_back(net::FollowFiles(ConfigFiles(flags_), clock_,
                                       [this] { LookAtConfig(false); }));
  if (serving_) {
    followers.push_back(
        net::FollowFiles({serving_->certificate, serving_->key}, clock_,
                         [this] { LookAtCertificates(false); }));
  }
  return followers;
}

void Reloader::ReloadAll() {
  LookAtConfig(true);
  if (serving_) LookAtCertificates(true);
}

std::vector<std::string> Reloader::Notes() const {
  std::vector<std::string> notes;
  for (const auto& [name, kind] : kinds_) {
    for (const std::string& problem : kind.problems) {
      notes.push_back("[-]" + name +
                      " kept, the file cannot be used: " + problem);
    }
  }
  return notes;
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
  Result<Inputs> inputs = ReadChangedInputs(flags_, current_->resources);
  if (!inputs) {
    Failed(kConfig, inputs.error(), even_if_the_same);
    return;
  }
  current_ = inputs->rules;
  apply_(*std::move(inputs));
  Succeeded(kConfig, true);
}

void Reloader::LookAtCertificates(bool even_if_the_same) {
  const Result<bool> replaced =
      net::ReloadKeyPairFiles(serving_->certificate, serving_->key, tls_);
  if (!replaced) {
    Failed(kCertificate, replaced.error(), even_if_the_same);
    return;
  }
  Succeeded(kCertificate, *replaced || even_if_the_same);
}

void Reloader::Failed(const std::string& name, const Error& error,
                      bool say_it_again) {
  Kind& kind = kinds_[name];
  std::vector<std::string> problems = Lines(error.message);
  if (problems == kind.problems && !say_it_again) return;
  kind.problems = std::move(problems);
  ++*kind.errors;
  for (const std::string& problem : kind.problems) {
    obs::Warn("the last good file is kept, the new one cannot be used",
              {{"kind", name}, {"problem", problem}});
  }
}

void Reloader::Succeeded(const std::string& name, bool news) {
  Kind& kind = kinds_[name];
  const bool mended = !kind.problems.empty();
  kind.problems.clear();
  if (!news && !mended) return;
  kind.last_success = clock_.Now();
  if (name == kCertificate) {
    obs::Info("serving certificate taken over",
              {{"file", serving_->certificate},
               {"valid_until", FormatRfc3339(tls_.NotAfter())}});
    return;
  }
  obs::Info("configuration taken over",
            {{"file", flags_.config},
             {"rules", std::to_string(current_->custom.size())},
             {"externalRules", std::to_string(current_->external.size())}});
}

}  // namespace sextant::app
