#include "inputs.h"

#include <string>
#include <utility>

#include "sextant/base/file.h"
#include "sextant/config/metrics_config.h"
#include "sextant/config/problem.h"
#include "sextant/config/standalone.h"
#include "sextant/model/resource.h"
#include "sextant/obs/log.h"
#include "sextant/rules/lint.h"
#include "standalone.h"

namespace sextant::app {
namespace {

constexpr std::size_t kMaxConfigBytes = 8 * 1024 * 1024;

Result<Table> ReadResources(const config::ServeFlags& flags,
                            const Table& cluster) {
  if (cluster) return cluster;
  model::ResourceTable table = model::ResourceTable::BuiltIn();
  if (!flags.standalone_resources.empty()) {
    Result<std::string> text =
        ReadFile(flags.standalone_resources, kMaxConfigBytes);
    if (!text) return std::move(text).error().Within("--standalone-resources");
    Result<std::vector<model::Resource>> more =
        config::ParseStandaloneResources(flags.standalone_resources, *text);
    if (!more) return std::move(more).error();
    table = table.With(*std::move(more));
  }
  return Table(std::make_shared<const model::ResourceTable>(std::move(table)));
}

// All of the inputs but the objects.
Result<Inputs> ReadRules(const config::ServeFlags& flags,
                         const Table& resources,
                         config::Problems::Missing missing) {
  Result<std::string> text = ReadFile(flags.config, kMaxConfigBytes);
  if (!text) return std::move(text).error().Within("--config");

  config::Problems problems(missing);
  config::MetricsConfig parsed =
      config::ParseMetricsConfig(flags.config, *text, problems);
  // Also when the file was not understood in every place: a mistake in the
  // structure must not hide one in a template.
  const std::shared_ptr<const rules::RuleSet> rules =
      rules::CompileRules(parsed, resources, problems);
  // What is doubtful in a file with mistakes would be guesses about guesses.
  if (!problems.HasErrors()) rules::Lint(parsed, resources, problems);
  for (const config::Problem& problem : problems.all()) {
    if (problem.severity == config::Problem::Severity::kWarning) {
      obs::Warn("configuration", {{"problem", problem.ToString()}});
    }
  }
  if (problems.HasErrors()) {
    return Error{ErrorCode::kInvalidArgument, problems.ErrorText(), {}};
  }
  if (rules->custom.empty() && rules->external.empty() &&
      rules->stackdriver == nullptr) {
    obs::Warn(
        "the configuration has no rules and no externalRules: no metrics "
        "API is served",
        {{"file", flags.config}});
  }
  return Inputs{rules, std::move(parsed.backends), std::nullopt};
}

Result<std::optional<std::vector<query::FixedObjectLister::Object>>>
ReadObjects(const config::ServeFlags& flags,
            const model::ResourceTable& resources) {
  using Objects = std::optional<std::vector<query::FixedObjectLister::Object>>;
  if (flags.standalone_objects.empty()) return Objects();
  Result<std::string> text =
      ReadFile(flags.standalone_objects, kMaxObjectsBytes);
  if (!text) return std::move(text).error().Within("--standalone-objects");
  Result<std::vector<config::StandaloneObject>> parsed =
      config::ParseStandaloneObjects(flags.standalone_objects, *text);
  if (!parsed) return std::move(parsed).error();
  auto placed = PlaceObjects(*parsed, resources);
  if (!placed) {
    return std::move(placed).error().Within(flags.standalone_objects);
  }
  return Objects(*std::move(placed));
}

Result<Inputs> ReadWith(const config::ServeFlags& flags, const Table& resources,
                        const Table& cluster) {
  using Missing = config::Problems::Missing;
  Result<Inputs> inputs = ReadRules(
      flags, resources, cluster ? Missing::kMayCome : Missing::kIsAMistake);
  if (!inputs) return inputs;
  auto objects = ReadObjects(flags, *resources);
  if (!objects) return std::move(objects).error();
  inputs->objects = *std::move(objects);
  return inputs;
}

}  // namespace

Result<Inputs> ReadInputs(const config::ServeFlags& flags,
                          const Table& cluster) {
  const Result<Table> resources = ReadResources(flags, cluster);
  if (!resources) return resources.error();
  return ReadWith(flags, *resources, cluster);
}

Result<Inputs> ReadChangedInputs(const config::ServeFlags& flags,
                                 const Table& cluster, const Table& known) {
  const Result<std::string> text = ReadFile(flags.config, kMaxConfigBytes);
  if (text && text->find_first_not_of(" \t\r\n") == std::string::npos) {
    return Error{ErrorCode::kInvalidArgument,
                 flags.config +
                     ":1:1: the file is empty; write \"rules: []\" "
                     "if there are to be none",
                 {}};
  }
  Result<Table> resources = ReadResources(flags, cluster);
  if (!resources) return std::move(resources).error();
  if ((*resources)->resources() == known->resources()) *resources = known;
  return ReadWith(flags, *resources, cluster);
}

}  // namespace sextant::app
