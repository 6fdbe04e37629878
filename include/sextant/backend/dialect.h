// What the kinds of backends want, and refuse, beside Prometheus' own API.

#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace sextant::backend {

// How a rule's metrics are found.
enum class Discovery {
  // Names of metrics by match[] for each label that names a resource; where
  // that cannot be asked, /series (docs/decisions/0003).
  kPresence,
  // The names of all metrics, matched here, then the labels of each: for those
  // that take no pattern of names (docs/decisions/0019).
  kCatalogue,
};

// One kind of backend, as data.
struct Dialect {
  struct Parameter {
    std::string_view name;
    std::string_view value;
  };
  struct Hint {
    std::string_view text;    // of an error
    std::string_view advice;  // what to do then
  };

  std::string_view name;   // as --backend has it
  std::string_view title;  // for people

  // By what its URL is known: an ending of the host, a part of the path.
  std::span<const std::string_view> hosts = {};
  std::span<const std::string_view> paths = {};

  // These go with every query, and with every list of series, labels or values.
  std::span<const Parameter> with_queries = {};
  std::span<const Parameter> with_lists = {};

  // May series and names of labels be asked for by POST?  Queries may
  // everywhere, the values of a label nowhere.
  bool posts_lists = true;
  // Must a blank in a URL be %20?
  bool percent_blanks = false;

  Discovery discovery = Discovery::kPresence;

  // Does a warning mean that data is missing, unless it is a note of PromQL?
  bool warns_of_missing_data = false;

  std::span<const Hint> hints = {};
  std::string_view refused_hint = "";  // of 401 and 403
};

// All of them, Prometheus first.
std::span<const Dialect> Dialects();

// The one of that name; null if there is none.
const Dialect* FindDialect(std::string_view name);

const Dialect& PrometheusDialect();

// For a server that does not say what it is: Prometheus' dialect, with what
// keeps numbers new and whole on all that ignore parameters they do not know.
const Dialect& CautiousDialect();

// Which dialect a backend is taken to speak.
struct Recognition {
  const Dialect* dialect = &PrometheusDialect();  // never null
  std::string why;  // "its replies carry X-Server-Hostname"; empty: not known
};

}  // namespace sextant::backend
