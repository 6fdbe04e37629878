#include "findings_report.h"

#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "sextant/base/text.h"

namespace sextant::app {
namespace {

using Severity = config::Problem::Severity;

// A few of many paths: each resource has one.
constexpr std::size_t kMostPaths = 4;

std::map<std::string, config::Position> Places(
    const config::MetricsConfig& config) {
  std::map<std::string, config::Position> places;
  for (const auto* rules : {&config.rules, &config.external_rules}) {
    for (const config::Rule& rule : *rules) places[rule.path] = rule.at;
  }
  return places;
}

std::string TakenText(const std::string& winner, const RuleFinding& finding) {
  const RuleFinding::Taken& taken = finding.taken.at(winner);
  const std::string what = std::to_string(taken.metrics) + " of its metrics (" +
                           taken.example + ") ";
  return winner == finding.rule
             ? what + "come from another of its series, as names are the same"
             : what + "are served by " + winner + ", which stands later";
}

// "3 series; metrics: 3 of pods, 1 of namespaces"
std::string Summary(const RuleFinding& finding) {
  std::vector<std::string> parts;
  for (const auto& [resource, count] : finding.metrics) {
    parts.push_back(std::to_string(count) +
                    (resource == "external" ? " " : " of ") + resource);
  }
  return std::to_string(finding.series) +
         " series; metrics: " + Join(parts, ", ");
}

}  // namespace

void AddProblems(const std::vector<RuleFinding>& findings,
                 const config::MetricsConfig& config,
                 config::Problems& problems) {
  const auto places = Places(config);
  for (const RuleFinding& finding : findings) {
    const auto add = [&](Severity severity, std::string message,
                         std::string advice, std::string id) {
      const auto place = places.find(finding.rule);
      problems.Add({severity, config.file,
                    place == places.end() ? config::Position() : place->second,
                    finding.rule, std::move(message), std::move(advice),
                    std::move(id)});
    };
    if (!finding.error.empty()) {
      add(Severity::kError, "the backend failed: " + finding.error,
          finding.advice, "backend-failed");
    } else if (finding.series == 0) {
      add(Severity::kWarning, "finds nothing now: " + finding.hint, "",
          "finds-nothing");
    }
    for (const auto& [winner, taken] : finding.taken) {
      add(Severity::kWarning, TakenText(winner, finding),
          "let name.as tell them apart", "taken");
    }
  }
}

std::string FindingsText(const std::vector<RuleFinding>& findings,
                         const Painter& paint) {
  std::string text;
  for (const RuleFinding& finding : findings) {
    text += "  " + paint.Bold(finding.rule) + "  " +
            Harmless(finding.series_query) + "\n    ";
    if (!finding.error.empty()) {
      text += paint.Red("not known") + "\n";
      continue;
    }
    if (finding.series == 0) {
      text += paint.Yellow("nothing") + "\n";
      continue;
    }
    text += paint.Green(Summary(finding)) + "\n";
    for (std::size_t i = 0; i < finding.paths.size(); ++i) {
      if (i == kMostPaths) {
        text += "    ... --output=json shows them all\n";
        break;
      }
      text += "    " + Harmless(finding.paths[i]) + "\n";
    }
  }
  return text;
}

nlohmann::ordered_json FindingsJson(const std::vector<RuleFinding>& findings) {
  using Json = nlohmann::ordered_json;
  Json rules = Json::array();
  for (const RuleFinding& finding : findings) {
    Json metrics = Json::object();
    for (const auto& [resource, count] : finding.metrics) {
      metrics[resource] = count;
    }
    Json overlaps = Json::array();
    for (const auto& [winner, taken] : finding.taken) {
      overlaps.push_back({{"servedBy", winner},
                          {"metrics", taken.metrics},
                          {"example", taken.example}});
    }
    rules.push_back({{"rule", finding.rule},
                     {"seriesQuery", finding.series_query},
                     {"error", finding.error},
                     {"series", finding.series},
                     {"metrics", std::move(metrics)},
                     {"paths", finding.paths},
                     {"overlaps", std::move(overlaps)},
                     {"hint", finding.hint}});
  }
  return rules;
}

}  // namespace sextant::app
