#include "list_rules.h"

#include <string>
#include <vector>

#include "sextant/base/text.h"

namespace sextant::api {
namespace {

StatusCause Forbidden(std::string field, const std::string& why) {
  return {"FieldValueForbidden", "Forbidden: " + why, std::move(field)};
}

std::vector<StatusCause> CausesIn(const QueryParameters& parameters) {
  const auto value = [&parameters](std::string_view name) {
    return parameters.First(name).value_or("");
  };
  std::vector<StatusCause> causes;
  const std::string match = value("resourceVersionMatch");
  const std::string version = value("resourceVersion");
  if (!match.empty()) {
    const std::string field = "resourceVersionMatch";
    if (version.empty()) {
      causes.push_back(Forbidden(field,
                                 "resourceVersionMatch is forbidden unless "
                                 "resourceVersion is provided"));
    }
    if (!value("continue").empty()) {
      causes.push_back(Forbidden(field,
                                 "resourceVersionMatch is forbidden when "
                                 "continue is provided"));
    }
    if (match != "Exact" && match != "NotOlderThan") {
      causes.push_back({"FieldValueNotSupported",
                        "Unsupported value: " + GoQuote(match) +
                            ": supported values: \"Exact\", \"NotOlderThan\", "
                            "\"\"",
                        field});
    }
    if (match == "Exact" && version == "0") {
      causes.push_back(Forbidden(field,
                                 "resourceVersionMatch \"exact\" is forbidden "
                                 "for resourceVersion \"0\""));
    }
  }
  if (parameters.First("sendInitialEvents")) {
    causes.push_back(Forbidden("sendInitialEvents",
                               "sendInitialEvents is forbidden for list"));
  }
  return causes;
}

}  // namespace

std::optional<Status> CheckListRules(const QueryParameters& parameters) {
  const std::vector<StatusCause> causes = CausesIn(parameters);
  if (causes.empty()) return std::nullopt;
  std::vector<std::string> texts;
  texts.reserve(causes.size());
  for (const StatusCause& cause : causes) {
    texts.push_back(cause.field + ": " + cause.message);
  }
  const std::string all =
      texts.size() == 1 ? texts.front() : "[" + Join(texts, ", ") + "]";
  return Status{422, "Invalid",
                "ListOptions.meta.k8s.io \"\" is invalid: " + all,
                StatusDetails{"", "meta.k8s.io", "ListOptions", causes, 0}};
}

}  // namespace sextant::api
