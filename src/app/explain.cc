#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <ostream>
#include <string>
#include <utility>

#include "backend_set.h"
#include "command_loop.h"
#include "commands.h"
#include "explain_text.h"
#include "inputs.h"
#include "offline.h"
#include "sextant/api/service.h"
#include "sextant/app/version.h"
#include "sextant/backend/backend.h"
#include "sextant/base/file.h"
#include "sextant/base/json.h"
#include "sextant/base/text.h"
#include "sextant/catalog/refresher.h"
#include "sextant/config/explain_flags.h"
#include "sextant/net/pooled_client.h"
#include "sextant/obs/log.h"
#include "sextant/query/engine.h"
#include "sextant/query/resource_engine.h"
#include "terminal.h"

namespace sextant::app {
namespace {

using config::ExplainFlags;

constexpr std::chrono::seconds kPatience{60};
constexpr std::size_t kMaxFile = 1024 * 1024;
constexpr std::size_t kMaxDocument = std::size_t{64} * 1024 * 1024;

std::string ExplainTarget(const ExplainFlags& flags) {
  return "/debug/explain?path=" + FormEscape(flags.path);
}

// Who runs the command may see all that it can reach.
Task<model::Admission> LetIn(const net::Request&, TimePoint) {
  co_return model::Identity{};
}

// What a server holds, without its port.
class Bench {
 public:
  Bench(const ExplainFlags& flags, const Inputs& inputs,
        const backend::Backends& backends, Clock& clock)
      : catalog_({.max_age = flags.inputs.metrics_max_age}, inputs.rules,
                 backends, clock, metrics_),
        lister_(MakeLister(flags, inputs, backends, clock)),
        engine_({}, catalog_, *lister_, backends, clock, metrics_),
        resource_engine_({}, catalog_, *lister_, backends, clock, metrics_),
        service_({.request_deadline = kPatience,
                  .version = kVersion,
                  .served = api::ServedApis::Of(*inputs.rules)},
                 LetIn, catalog_, engine_, resource_engine_, clock, metrics_) {}

  // The status and the body of the explanation.
  Task<std::pair<int, std::string>> Explain(std::string target, bool offline) {
    auto answer = co_await Ask(target);
    // Names that are like this one are known only once all are.
    if (!offline && (Mentions(answer.second, "no_rule") ||
                     Mentions(answer.second, "no_series"))) {
      co_await catalog_.RunOnce();
      answer = co_await Ask(target);
    }
    co_return answer;
  }

 private:
  static std::unique_ptr<model::ObjectLister> MakeLister(
      const ExplainFlags& flags, const Inputs& inputs,
      const backend::Backends& backends, Clock& clock) {
    if (inputs.objects) {
      return std::make_unique<query::FixedObjectLister>(*inputs.objects);
    }
    if (flags.mode == ExplainFlags::Mode::kOffline) {
      return std::make_unique<OfflineLister>();
    }
    return std::make_unique<query::LabelValueLister>(
        backends, clock, flags.inputs.metrics_max_age);
  }

  static bool Mentions(const std::string& body, const std::string& cause) {
    return body.find("\"cause\":\"" + cause + "\"") != std::string::npos;
  }

  Task<std::pair<int, std::string>> Ask(const std::string& target) {
    net::Request request;
    request.method = "GET";
    request.target = target;
    const net::Response response = co_await service_.Handle(std::move(request));
    co_return std::pair(response.status,
                        response.body ? *response.body : std::string());
  }

  obs::Metrics metrics_;
  catalog::Refresher catalog_;
  std::unique_ptr<model::ObjectLister> lister_;
  query::Engine engine_;
  query::ResourceEngine resource_engine_;
  api::Service service_;
};

using Reply = Result<std::pair<int, std::string>>;

Task<void> Keep(Task<Reply> task, std::optional<Reply>& reply) {
  reply.emplace(co_await std::move(task));
}

// Nothing if Ctrl-C broke it off.
std::optional<Reply> Run(CommandLoop& loop, const std::string& doing,
                         Task<Reply> task) {
  std::optional<Reply> reply;
  loop.Run([&doing] { return doing; }, Keep(std::move(task), reply));
  return reply;
}

Task<Reply> AskBench(Bench& bench, std::string target, bool offline) {
  auto answer = co_await bench.Explain(std::move(target), offline);
  co_return answer;
}

std::optional<Reply> ExplainHere(const ExplainFlags& flags, std::ostream& err) {
  const Result<Inputs> inputs = ReadInputs(flags.inputs);
  if (!inputs) return inputs.error();
  // What the log would say, the explanation says.
  obs::SetLevel(obs::Level::kError);
  CommandLoop loop(err);
  if (flags.mode == ExplainFlags::Mode::kOffline) {
    OfflineBackend backend(flags.series);
    Bench bench(flags, *inputs, backend, loop.clock());
    return Run(loop, "explaining", AskBench(bench, ExplainTarget(flags), true));
  }
  obs::Metrics metrics;
  const auto backends =
      BackendSet::Build(flags.inputs.backend, inputs->backends,
                        EnvironmentVariable, loop.clock(), metrics);
  if (!backends) return backends.error();
  Bench bench(flags, *inputs, (*backends)->backends(), loop.clock());
  return Run(loop, "asking " + (*backends)->InWords(),
             AskBench(bench, ExplainTarget(flags), false));
}

Task<Reply> AskServer(net::HttpClient& client, net::ClientRequest request,
                      TimePoint deadline) {
  Result<net::ClientResponse> response = co_await net::SendAndGather(
      client, std::move(request), deadline, kMaxDocument);
  if (!response) co_return std::move(response).error();
  co_return std::pair(response->status, std::move(response->body));
}

std::optional<Reply> ExplainThere(const ExplainFlags& flags,
                                  std::ostream& err) {
  Result<net::Url> url = net::Url::Parse(flags.server + ExplainTarget(flags));
  if (!url) return std::move(url).error().Within("--server");
  net::PooledHttpClient::Options options;
  if (!flags.ca_file.empty()) {
    Result<std::string> pem = ReadFile(flags.ca_file, kMaxFile);
    if (!pem) return std::move(pem).error().Within("--ca-file");
    options.tls.ca_pem = *std::move(pem);
  }
  options.tls.insecure_skip_verify = flags.insecure;
  net::ClientRequest request;
  request.url = *std::move(url);
  if (!flags.token_file.empty()) {
    const Result<std::string> token = ReadFile(flags.token_file, kMaxFile);
    if (!token) return Error(token.error()).Within("--token-file");
    request.headers.Set("Authorization", "Bearer " + std::string(Trim(*token)));
  }
  CommandLoop loop(err);
  auto client = net::PooledHttpClient::Create(std::move(options), loop.clock());
  if (!client) return std::move(client).error();
  return Run(
      loop, "asking " + flags.server,
      AskServer(**client, std::move(request), loop.clock().Now() + kPatience));
}

// The message of a Status, or what came instead of one.
std::string MessageOf(int status, const std::string& body) {
  const Result<nlohmann::json> document = ParseJson(body);
  if (document && document->is_object() && document->contains("message") &&
      (*document)["message"].is_string()) {
    return (*document)["message"].get<std::string>();
  }
  return "the server answered with status " + std::to_string(status) +
         "; is it a sextant of this version?";
}

// Offline nothing was answered, so a reply would be a lie.
std::string WithoutReply(const std::string& body) {
  auto document = nlohmann::ordered_json::parse(body, nullptr, false);
  for (const char* key :
       {"status", "cause", "backend", "detail", "response", "advice"}) {
    document.erase(key);
  }
  for (auto& query : document["queries"]) query.erase("seconds");
  return document.dump() + "\n";
}

ExitCode Show(const ExplainFlags& flags, const std::string& body,
              Streams streams) {
  const Result<nlohmann::json> document = ParseJson(body);
  if (!document) {
    streams.err << "sextant explain: what came is no explanation: "
                << document.error().message << "\n";
    return ExitCode::kFailure;
  }
  const bool offline = flags.mode == ExplainFlags::Mode::kOffline;
  if (flags.json) {
    streams.out << (offline ? WithoutReply(body) : body);
  } else {
    const ColorChoice choice =
        ParseColorChoice(flags.color).value_or(ColorChoice::kAuto);
    const Painter paint(WantsColor(choice, LookAt(streams.out)));
    streams.out << ExplainText(*document, offline, paint);
  }
  return EndsWell(*document, offline) ? ExitCode::kOk : ExitCode::kFailure;
}

}  // namespace

ExitCode RunExplain(std::span<const std::string> arguments, Streams streams) {
  const Result<ExplainFlags> flags = config::ParseExplainFlags(arguments);
  if (!flags) {
    streams.err << "sextant explain: " << flags.error().message
                << "\nTry \"sextant explain --help\".\n";
    return ExitCode::kUsage;
  }
  if (flags->help) {
    streams.out << config::ExplainHelpText();
    return ExitCode::kOk;
  }
  for (const std::string& warning : flags->inputs.warnings) {
    streams.err << "sextant explain: warning: " << warning << "\n";
  }
  const std::optional<Reply> ended = flags->mode == ExplainFlags::Mode::kServer
                                         ? ExplainThere(*flags, streams.err)
                                         : ExplainHere(*flags, streams.err);
  if (!ended) {
    streams.err << "sextant explain: broken off\n";
    return ExitCode::kInterrupted;
  }
  const Reply& reply = *ended;
  if (!reply) {
    streams.err << "sextant explain: " << reply.error().message << "\n";
    return ExitCode::kFailure;
  }
  if (reply->first != 200) {
    streams.err << "sextant explain: " << MessageOf(reply->first, reply->second)
                << "\n";
    return ExitCode::kFailure;
  }
  return Show(*flags, reply->second, streams);
}

}  // namespace sextant::app
