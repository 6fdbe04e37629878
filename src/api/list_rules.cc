#include "list_rules.h"

#include <string>
#include <vector>

#include "sextant/base/json.h"
#include "sextant/base/text.h"

namespace sextant::api {
namespace {

// One thing that is wrong, in the words of apimachinery's field errors.
struct Cause {
  std::string reason;
  std::string field;
  std::string message;
};

Cause Forbidden(std::string field, const std::string& why) {
  return {"FieldValueForbidden", std::move(field), "Forbidden: " + why};
}

std::vector<Cause> CausesIn(const QueryParameters& parameters) {
  const auto value = [&parameters](std::string_view name) {
    return parameters.First(name).value_or("");
  };
  std::vector<Cause> causes;
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
      causes.push_back({"FieldValueNotSupported", field,
                        "Unsupported value: " + GoQuote(match) +
                            ": supported values: \"Exact\", \"NotOlderThan\", "
                            "\"\""});
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
  const std::vector<Cause> causes = CausesIn(parameters);
  if (causes.empty()) return std::nullopt;
  std::vector<std::string> texts;
  std::vector<std::string> objects;
  for (const Cause& cause : causes) {
    texts.push_back(cause.field + ": " + cause.message);
    std::string object = R"({"reason":)";
    AppendJsonString(object, cause.reason);
    object += R"(,"message":)";
    AppendJsonString(object, cause.message);
    object += R"(,"field":)";
    AppendJsonString(object, cause.field);
    objects.push_back(object + "}");
  }
  const std::string all =
      texts.size() == 1 ? texts.front() : "[" + Join(texts, ", ") + "]";
  return Status{422, "Invalid",
                "ListOptions.meta.k8s.io \"\" is invalid: " + all,
                R"({"group":"meta.k8s.io","kind":"ListOptions","causes":[)" +
                    Join(objects, ",") + "]}"};
}

}  // namespace sextant::api
