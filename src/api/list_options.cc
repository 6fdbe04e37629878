#include "list_options.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "sextant/base/text.h"
#include "sextant/base/time_text.h"

namespace sextant::api {
namespace {

Error Invalid(std::string message) {
  return Error{ErrorCode::kInvalidArgument, std::move(message), ""};
}

// The value is not used: only whether Go's strconv.ParseInt would take it, and
// what that function says if not.
Result<Done> CheckInteger(const QueryParameters& parameters,
                          std::string_view name) {
  const std::optional<std::string> text = parameters.First(name);
  if (!text) return Done{};
  std::string_view digits = *text;
  if (!digits.empty() && digits[0] == '+') {
    digits.remove_prefix(1);
    if (!digits.empty() && digits[0] == '-') digits = "";
  }
  std::int64_t value = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, value);
  const std::string parsing = "strconv.ParseInt: parsing " + GoQuote(*text);
  if (error == std::errc::invalid_argument || stop != end) {
    return Invalid(parsing + ": invalid syntax");
  }
  if (error == std::errc::result_out_of_range) {
    return Invalid(parsing + ": value out of range");
  }
  return Done{};
}

// Conversion of query parameters to bool in apimachinery: all but these is
// true.
bool ReadFlag(const QueryParameters& parameters, std::string_view name) {
  const std::optional<std::string> text = parameters.First(name);
  return text && *text != "0" && !EqualsIgnoringCase(*text, "false");
}

Result<model::Selector> ReadSelector(const QueryParameters& parameters,
                                     std::string_view name) {
  const std::optional<std::string> text = parameters.First(name);
  return model::Selector::Parse(text ? std::string_view(*text) : "");
}

// Splits at the commas that no backslash stands before.
std::vector<std::string_view> SplitTerms(std::string_view text) {
  std::vector<std::string_view> terms;
  std::size_t start = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == ',') {
      terms.push_back(text.substr(start, i - start));
      start = i + 1;
    }
  }
  terms.push_back(text.substr(start));
  return terms;
}

// Undoes "\\", "\," and "\=" in a value.
Result<std::string> Unescape(std::string_view value) {
  std::string plain;
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (value[i] == ',' || value[i] == '=') {
      return Invalid("invalid field selector: unescaped character in value: " +
                     std::to_string(value[i]));
    }
    if (value[i] == '\\') {
      const std::string_view escape = value.substr(i, 2);
      if (escape != "\\\\" && escape != "\\," && escape != "\\=") {
        return Invalid("invalid field selector: invalid escape sequence: " +
                       std::string(escape));
      }
      ++i;
    }
    plain += value[i];
  }
  return plain;
}

Result<FieldSelector::Term> ReadTerm(std::string_view text,
                                     std::string_view whole) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
      continue;
    }
    const bool unequal = text.substr(i, 2) == "!=";
    if (!unequal && text[i] != '=') continue;
    const std::size_t length = unequal || text.substr(i, 2) == "==" ? 2 : 1;
    Result<std::string> value = Unescape(text.substr(i + length));
    if (!value) return std::move(value).error();
    return FieldSelector::Term{std::string(text.substr(0, i)), !unequal,
                               *std::move(value)};
  }
  return Invalid("invalid selector: '" + std::string(whole) +
                 "'; can't understand '" + std::string(text) + "'");
}

}  // namespace

QueryParameters::QueryParameters(std::string_view query)
    : pairs_(ParseQueryString(query)) {}

std::optional<std::string> QueryParameters::First(std::string_view name) const {
  for (const auto& [key, value] : pairs_) {
    if (key == name) return value;
  }
  return std::nullopt;
}

std::vector<std::string> QueryParameters::All(std::string_view name) const {
  std::vector<std::string> values;
  for (const auto& [key, value] : pairs_) {
    if (key == name) values.push_back(value);
  }
  return values;
}

Result<Duration> ReadTimeout(const QueryParameters& parameters,
                             Duration longest) {
  const std::optional<std::string> text = parameters.First("timeout");
  if (!text || text->empty()) return longest;
  const Result<Duration> timeout = ParseGoDuration(*text);
  if (!timeout) {
    return Invalid("invalid timeout specified in the request URL - " +
                   timeout.error().message);
  }
  if (*timeout <= Duration::zero()) return longest;
  return std::min(*timeout, longest);
}

Result<FieldSelector> FieldSelector::Parse(std::string_view text) {
  FieldSelector selector;
  for (const std::string_view part : SplitTerms(text)) {
    if (part.empty()) continue;
    Result<Term> term = ReadTerm(part, text);
    if (!term) return std::move(term).error();
    selector.terms.push_back(*std::move(term));
  }
  // After the grammar, as the API server does it.
  for (const Term& term : selector.terms) {
    if (term.field != "metadata.name" && term.field != "metadata.namespace") {
      return Invalid(GoQuote(term.field) +
                     " is not a known field selector: only \"metadata.name\", "
                     "\"metadata.namespace\"");
    }
  }
  return selector;
}

std::optional<std::string> FieldSelector::Demands(
    std::string_view field) const {
  for (const Term& term : terms) {
    if (term.field == field && term.equal) return term.value;
  }
  return std::nullopt;
}

Result<ListOptions> ReadListOptions(const QueryParameters& parameters) {
  // In the order in which the API server looks at them.
  for (const std::string_view name : {"timeoutSeconds", "limit"}) {
    const Result<Done> integer = CheckInteger(parameters, name);
    if (!integer) return integer.error();
  }
  ListOptions options;
  Result<model::Selector> labels = ReadSelector(parameters, "labelSelector");
  if (!labels) return std::move(labels).error();
  options.label_selector = *std::move(labels);
  Result<FieldSelector> fields =
      FieldSelector::Parse(parameters.First("fieldSelector").value_or(""));
  if (!fields) return std::move(fields).error();
  options.field_selector = *std::move(fields);
  options.watch = ReadFlag(parameters, "watch");
  return options;
}

Result<model::Selector> ReadMetricSelector(const QueryParameters& parameters) {
  return ReadSelector(parameters, "metricLabelSelector");
}

}  // namespace sextant::api
