// The words of a question, its namespace and selectors, one a line: what comes
// of them is a path that the API reads as the question was meant.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "api/request_path.h"
#include "sextant/base/text.h"
#include "sextant/config/metric_question.h"

namespace api = sextant::api;

namespace {

// Names with a slash, and those that are only dots or nothing, are no names.
bool IsName(const std::string& text) {
  return !text.empty() && text.find('/') == std::string::npos;
}

void Check(const std::string& path, const std::vector<std::string>& words,
           const std::string& namespace_) {
  const std::vector<api::ApiGroup> served = {
      {std::string(api::kCustomGroup), {"v1beta2", "v1beta1"}},
      {std::string(api::kExternalGroup), {"v1beta1"}}};
  for (const char c : path) {
    if (c <= ' ' || c > '~') std::abort();
  }
  const bool external = words[0] == "external";
  const std::size_t slash = words[0].find('/');
  const std::string name =
      slash == std::string::npos ? "*" : words[0].substr(slash + 1);
  if (!IsName(words[1]) || !IsName(name)) return;
  if (namespace_.find('/') != std::string::npos) return;
  const api::RequestPath read =
      api::ReadPath(path.substr(0, path.find('?')), served);
  const auto wanted = external ? api::RequestPath::Kind::kExternalMetric
                               : api::RequestPath::Kind::kCustomMetric;
  if (read.kind != wanted) {
    // The API refuses some names by itself; it takes none for another.
    if (read.kind == api::RequestPath::Kind::kInvalid ||
        read.kind == api::RequestPath::Kind::kNoSuchResource) {
      return;
    }
    std::abort();
  }
  if (read.metric != words[1]) std::abort();
  if (!external && read.name != name) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::vector<std::string> lines = sextant::Split(text, '\n');
  lines.resize(5);
  const std::vector<std::string> words = {lines[0], lines[1]};
  const sextant::Result<std::string> path =
      sextant::config::QuestionPath(words, lines[2], lines[3], lines[4]);
  if (!path) {
    if (path.error().message.empty()) std::abort();
    return 0;
  }
  Check(*path, words, lines[2]);
  return 0;
}
