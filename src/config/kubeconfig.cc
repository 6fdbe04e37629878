#include "sextant/config/kubeconfig.h"

#include <filesystem>
#include <optional>
#include <utility>
#include <vector>

#include "sextant/base/text.h"
#include "sextant/config/problem.h"
#include "shorten.h"
#include "yaml_reader.h"

namespace sextant::config {
namespace {

constexpr std::size_t kMostBytes = std::size_t{1} << 20U;

// Takes values out of one map of the file; what is not as it must be goes to
// the problems.
class Section {
 public:
  Section(const YamlNode& node, std::string path, const std::string& file,
          Problems& problems)
      : node_(node), path_(std::move(path)), file_(file), problems_(problems) {}

  void Error(Position at, const std::string& key, std::string message,
             std::string advice = {}) const {
    problems_.Error(file_, at, JoinPath(path_, key), std::move(message),
                    std::move(advice));
  }

  const YamlNode* Find(const std::string& key) const {
    const YamlEntry* entry = node_.Find(key);
    return entry == nullptr || entry->value->is_null() ? nullptr
                                                       : entry->value.get();
  }

  std::string Text(const std::string& key) const {
    const YamlNode* value = Find(key);
    if (value == nullptr) return {};
    if (value->is_scalar()) return value->scalar;
    Error(value->at, key, "must be a text");
    return {};
  }

  bool Bool(const std::string& key) const {
    const YamlNode* value = Find(key);
    if (value == nullptr) return false;
    if (value->is_scalar() && value->plain) {
      if (value->scalar == "true") return true;
      if (value->scalar == "false") return false;
    }
    Error(value->at, key, "must be true or false");
    return false;
  }

  // "<key>-data" with its base64 undone, else the path in "<key>".
  KubeconfigContext::Pem Pem(const std::string& key) const {
    const std::string data = Text(key + "-data");
    if (data.empty()) return {"", Path(key)};
    std::optional<std::string> decoded = Base64Decode(data);
    if (!decoded) {
      Error(Find(key + "-data")->at, key + "-data", "is not base64",
            "write the output of: base64 -w0 FILE");
      return {};
    }
    return {*std::move(decoded), ""};
  }

  std::string Path(const std::string& key) const {
    std::string path = Text(key);
    if (path.empty() || std::filesystem::path(path).is_absolute()) return path;
    return std::filesystem::path(file_).parent_path() / path;
  }

  const YamlNode& node() const { return node_; }

 private:
  const YamlNode& node_;
  const std::string path_;
  const std::string& file_;
  Problems& problems_;
};

// A kubeconfig as one YAML document, with its three lists of named things.
class Reader {
 public:
  Reader(const YamlNode& root, const std::string& file, Problems& problems)
      : root_(root, "", file, problems), file_(file), problems_(problems) {}

  KubeconfigContext Read(const std::string& wanted) {
    KubeconfigContext context;
    context.name = wanted.empty() ? root_.Text("current-context") : wanted;
    if (context.name.empty()) {
      root_.Error(root_.node().at, "current-context", "is missing",
                  "kubectl config use-context NAME writes it");
      return context;
    }
    const std::optional<Section> found =
        FindNamed("contexts", "context", context.name);
    if (!found) return context;
    context.namespace_ = found->Text("namespace");
    if (const auto cluster =
            FindNamed("clusters", "cluster", found->Text("cluster"))) {
      TakeCluster(*cluster, context);
    }
    const std::string user = found->Text("user");
    if (user.empty()) return context;  // nobody in particular
    if (const auto section = FindNamed("users", "user", user)) {
      TakeUser(*section, context);
    }
    return context;
  }

 private:
  // The map under `key` of the item of `list` that is called `name`.
  std::optional<Section> FindNamed(const std::string& list,
                                   const std::string& key,
                                   const std::string& name) {
    const YamlNode* items = root_.Find(list);
    if (items == nullptr || !items->is_sequence()) {
      root_.Error(items == nullptr ? root_.node().at : items->at, list,
                  items == nullptr ? "is missing" : "must be a list");
      return std::nullopt;
    }
    std::vector<std::string> names;
    for (std::size_t i = 0; i < items->items.size(); ++i) {
      const YamlNode& item = *items->items[i];
      const std::string path = list + "[" + std::to_string(i) + "]";
      const Section section(item, path, file_, problems_);
      if (!item.is_map()) continue;
      names.push_back(section.Text("name"));
      if (names.back() != name) continue;
      const YamlNode* value = section.Find(key);
      if (value != nullptr && value->is_map()) {
        return Section(*value, JoinPath(path, key), file_, problems_);
      }
      section.Error(item.at, key, "must be a map");
      return std::nullopt;
    }
    const std::optional<std::string> near = NearestWord(name, names);
    root_.Error(items->at, list, "there is none called " + GoQuote(name),
                near ? "did you mean " + GoQuote(*near) + "?" : "");
    return std::nullopt;
  }

  static void TakeCluster(const Section& cluster, KubeconfigContext& context) {
    context.server = cluster.Text("server");
    if (context.server.empty()) {
      cluster.Error(cluster.node().at, "server", "is missing",
                    "write the server's URL");
    }
    context.tls_server_name = cluster.Text("tls-server-name");
    context.proxy_url = cluster.Text("proxy-url");
    context.insecure_skip_tls_verify = cluster.Bool("insecure-skip-tls-verify");
    context.certificate_authority = cluster.Pem("certificate-authority");
    if (context.insecure_skip_tls_verify &&
        !context.certificate_authority.empty()) {
      cluster.Error(cluster.node().at, "insecure-skip-tls-verify",
                    "a certificate authority is given too",
                    "leave one of them out");
    }
  }

  static void TakeUser(const Section& user, KubeconfigContext& context) {
    for (const char* plugin : {"exec", "auth-provider"}) {
      if (const YamlNode* given = user.Find(plugin)) {
        user.Error(given->at, plugin,
                   "would start another program, which sextant never does",
                   "use token, tokenFile or a client certificate");
      }
    }
    context.client_certificate = user.Pem("client-certificate");
    context.client_key = user.Pem("client-key");
    if (context.client_certificate.empty() != context.client_key.empty()) {
      user.Error(
          user.node().at,
          context.client_key.empty() ? "client-key" : "client-certificate",
          "is missing", "certificate and key go together");
    }
    context.token = user.Text("token");
    context.token_file = user.Path("tokenFile");
    context.username = user.Text("username");
    context.password = user.Text("password");
    if (!context.password.empty() && context.username.empty()) {
      user.Error(user.node().at, "username", "is missing",
                 "password and username go together");
    }
  }

  const Section root_;
  const std::string& file_;
  Problems& problems_;
};

}  // namespace

Result<KubeconfigContext> ParseKubeconfig(const std::string& file,
                                          std::string_view text,
                                          const std::string& context) {
  Problems problems;
  YamlLimits limits;
  limits.bytes = kMostBytes;
  const std::vector<YamlNodePtr> documents =
      ReadYaml(file, text, limits, problems);
  KubeconfigContext read;
  if (!problems.HasErrors()) {
    if (documents.empty() || !documents.front()->is_map()) {
      problems.Error(file, {}, "", "is no kubeconfig",
                     "kubectl config view --flatten prints one");
    } else {
      read = Reader(*documents.front(), file, problems).Read(context);
    }
  }
  if (problems.HasErrors()) {
    return Error{ErrorCode::kInvalidArgument, problems.ErrorText(), ""};
  }
  return read;
}

}  // namespace sextant::config
