#include "accept.h"

#include <algorithm>
#include <array>

#include "sextant/base/text.h"

namespace sextant::api {
namespace {

// Splits at `separator` where it is not inside a quoted string.
std::vector<std::string> SplitUnquoted(std::string_view text, char separator) {
  std::vector<std::string> parts(1);
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (quoted && text[i] == '\\' && i + 1 < text.size()) {
      parts.back() += text[i++];
    } else if (text[i] == '"') {
      quoted = !quoted;
    } else if (text[i] == separator && !quoted) {
      parts.emplace_back();
      continue;
    }
    parts.back() += text[i];
  }
  return parts;
}

std::string Unquote(std::string_view text) {
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') {
    return std::string(text);
  }
  std::string plain;
  for (std::size_t i = 1; i + 1 < text.size(); ++i) {
    if (text[i] == '\\' && i + 2 < text.size()) ++i;
    plain += text[i];
  }
  return plain;
}

// RFC 9110, 12.4.2: "0.5", "1", "0.123".  Nothing if it is none of these.
std::optional<int> ReadQuality(std::string_view text) {
  if (text.empty() || (text[0] != '0' && text[0] != '1')) return std::nullopt;
  int quality = (text[0] - '0') * 1000;
  if (text.size() == 1) return quality;
  if (text[1] != '.' || text.size() > 5) return std::nullopt;
  int unit = 100;
  for (const char digit : text.substr(2)) {
    if (digit < '0' || digit > '9') return std::nullopt;
    quality += (digit - '0') * unit;
    unit /= 10;
  }
  return quality > 1000 ? std::nullopt : std::optional<int>(quality);
}

std::optional<MediaRange> ReadRange(std::string_view clause) {
  MediaRange range;
  bool first = true;
  for (const std::string& raw : SplitUnquoted(clause, ';')) {
    const std::string_view part = Trim(raw);
    if (std::exchange(first, false)) {
      range.type = AsciiLower(part);
      const std::size_t slash = range.type.find('/');
      if (slash == 0 || slash == std::string::npos ||
          slash + 1 == range.type.size()) {
        return std::nullopt;
      }
      continue;
    }
    const std::size_t equals = part.find('=');
    if (equals == std::string_view::npos) continue;
    std::string name = AsciiLower(Trim(part.substr(0, equals)));
    std::string value = Unquote(Trim(part.substr(equals + 1)));
    if (name != "q") {
      range.parameters.emplace_back(std::move(name), std::move(value));
      continue;
    }
    const std::optional<int> quality = ReadQuality(value);
    if (!quality) return std::nullopt;
    range.quality = *quality;
  }
  return range;
}

bool CoversJson(const MediaRange& range) {
  return range.type == "application/json" || range.type == "application/*" ||
         range.type == "*/*";
}

// Does it want the document in the form of another kind?
bool WantsTransformation(const MediaRange& range) {
  return !range.Parameter("as").empty() || !range.Parameter("g").empty() ||
         !range.Parameter("v").empty();
}

Error NotAcceptable(std::string message) {
  return Error{ErrorCode::kNotAcceptable, std::move(message), ""};
}

constexpr char kJsonOnly[] = "application/json";
constexpr char kJsonAndProtobuf[] =
    "application/json, application/vnd.kubernetes.protobuf";

// No clause names anything that we have.
Error NothingAcceptable(const std::string& available = kJsonOnly) {
  return NotAcceptable("406: Not Acceptable\n\nAvailable representations: " +
                       available);
}

// A clause does, but in a form that we have not.
Error TransformationRefused(const std::string& available = kJsonOnly) {
  return NotAcceptable("only the following media types are accepted: " +
                       available);
}

bool TakesProtobuf(const std::vector<MediaRange>& ranges) {
  return std::any_of(ranges.begin(), ranges.end(), [](const MediaRange& range) {
    return range.type == "application/vnd.kubernetes.protobuf" &&
           !WantsTransformation(range);
  });
}

// A refusal that says that there are protocol buffers too.
Error WithProtobuf(const Error& refusal) {
  return refusal.message.rfind("406: ", 0) == 0
             ? NothingAcceptable(kJsonAndProtobuf)
             : TransformationRefused(kJsonAndProtobuf);
}

bool IsTrue(std::string_view text) {
  // strconv.ParseBool
  constexpr std::array<std::string_view, 6> kTrue = {"1",    "t",    "T",
                                                     "true", "True", "TRUE"};
  return std::find(kTrue.begin(), kTrue.end(), text) != kTrue.end();
}

}  // namespace

std::string_view MediaRange::Parameter(std::string_view name) const {
  for (const auto& [key, value] : parameters) {
    if (key == name) return value;
  }
  return "";
}

std::vector<MediaRange> ReadAccept(const std::vector<std::string>& headers) {
  std::vector<MediaRange> ranges;
  bool any = false;
  for (const std::string& header : headers) {
    for (const std::string& clause : SplitUnquoted(header, ',')) {
      if (Trim(clause).empty()) continue;
      any = true;
      std::optional<MediaRange> range = ReadRange(clause);
      if (range && range->quality > 0) ranges.push_back(*std::move(range));
    }
  }
  if (!any) return {MediaRange{"*/*", {}, 1000}};
  std::stable_sort(ranges.begin(), ranges.end(),
                   [](const MediaRange& a, const MediaRange& b) {
                     return a.quality > b.quality;
                   });
  return ranges;
}

Result<Done> AcceptsJson(const std::vector<MediaRange>& ranges) {
  bool refused = false;
  for (const MediaRange& range : ranges) {
    if (!CoversJson(range)) continue;
    if (!WantsTransformation(range)) return Done{};
    refused = true;
  }
  if (refused) return TransformationRefused();
  return NothingAcceptable();
}

Result<BodyForm> ChooseBodyForm(const std::vector<MediaRange>& ranges) {
  const Result<Done> json = AcceptsJson(ranges);
  if (json) return BodyForm::kJson;
  if (TakesProtobuf(ranges)) return BodyForm::kProtobuf;
  return WithProtobuf(json.error());
}

Result<GroupListForm> ChooseGroupListForm(
    const std::vector<MediaRange>& ranges) {
  bool refused = false;
  for (const MediaRange& range : ranges) {
    if (!CoversJson(range)) continue;
    if (!WantsTransformation(range)) return GroupListForm::kLegacy;
    if (range.Parameter("g") == "apidiscovery.k8s.io" &&
        range.Parameter("as") == "APIGroupDiscoveryList") {
      if (range.Parameter("v") == "v2") return GroupListForm::kAggregatedV2;
      if (range.Parameter("v") == "v2beta1") {
        return GroupListForm::kAggregatedV2Beta1;
      }
    }
    refused = true;
  }
  if (refused) return TransformationRefused();
  return NothingAcceptable();
}

Result<ResourceForm> ChooseResourceForm(const std::vector<MediaRange>& ranges) {
  bool refused = false;
  for (const MediaRange& range : ranges) {
    if (!CoversJson(range)) continue;
    if (!WantsTransformation(range)) return ResourceForm::kPlain;
    if (range.Parameter("g") == "meta.k8s.io" &&
        range.Parameter("as") == "Table") {
      if (range.Parameter("v") == "v1") return ResourceForm::kTable;
      if (range.Parameter("v") == "v1beta1") {
        return ResourceForm::kTableV1Beta1;
      }
    }
    refused = true;
  }
  if (TakesProtobuf(ranges)) return ResourceForm::kProtobuf;
  return refused ? TransformationRefused(kJsonAndProtobuf)
                 : NothingAcceptable(kJsonAndProtobuf);
}

bool WantsPretty(const std::optional<std::string>& pretty_parameter,
                 const std::vector<MediaRange>& ranges,
                 std::string_view user_agent) {
  for (const MediaRange& range : ranges) {
    if (CoversJson(range) && range.Parameter("pretty") == "1") return true;
  }
  if (pretty_parameter && !pretty_parameter->empty()) {
    return IsTrue(*pretty_parameter);
  }
  constexpr std::array<std::string_view, 3> kReaders = {"curl", "Wget",
                                                        "Mozilla/5.0"};
  return std::any_of(kReaders.begin(), kReaders.end(),
                     [&](std::string_view reader) {
                       return user_agent.substr(0, reader.size()) == reader;
                     });
}

}  // namespace sextant::api
