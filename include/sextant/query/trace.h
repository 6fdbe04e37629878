// What an engine did for one request, step by step: what explain shows.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sextant/model/sample.h"

namespace sextant::query {

// What became of a sample.
enum class SampleState {
  kValue,
  kNanIsZero,  // NaN, and the rule lets it count as 0
  kNan,        // NaN, and the rule says that it is no value
  kInfinite,
  kOverflow,        // more thousandths than an int64 has
  kHistogram,       // a native histogram, which has no one value
  kNoLabel,         // custom: does not say whose value it is
  kOtherNamespace,  // custom: belongs to an object of that name elsewhere
  kOverwritten,     // custom: a later sample of the same object was taken
  kNotAskedFor,     // custom: belongs to an object that nobody asked for
  kNegativeIsZero,  // resources: less than nothing, taken for nothing
};

// "no_label": for metrics and programs.
const char* NameOf(SampleState state);

// How a request ended.
enum class Cause {
  kValue,            // with at least one value
  kUnknownResource,  // no resource has this name
  kScope,            // the path has a namespace and should not, or lacks one
  kListFailed,       // the objects of a wildcard could not be listed
  kNoObjects,        // none matches
  kNoRule,           // no rule could give the metric this name
  kNoSeries,         // a rule could, and has no series for it
  kBadQuery,         // the rule's query could not be written
  kBackend,          // the backend failed, or refused the query
  kTimeout,
  kNotAVector,  // a scalar, a matrix or nothing, where it cannot be used
  kNoSample,    // the answer was empty
  kNoValue,     // no sample of the answer could be used
};

// "no_series": stable, for programs.
const char* NameOf(Cause cause);

// Filled by an Engine that is given one, during the Task, and whole when the
// Task has ended, well or badly.  Plain data.
struct Trace {
  // A rule of the API that was asked, in the file's order.
  struct Rule {
    std::string path;  // "rules[3]"
    std::string series_query;
    bool chosen = false;
    std::string series;  // the one that it was chosen for
    // The label that names the object, as far as the rule has one.
    std::string label;
    std::string reason;               // why it was (not) chosen, in words
    std::vector<std::string> advice;  // what would make it fit
  };

  struct Objects {
    bool by_selector = false;  // else the request named the one
    std::string selector;      // of labels; empty: all
    std::vector<std::string> names;
    std::string error;
  };

  struct Sample {
    model::Sample sample;
    SampleState state = SampleState::kValue;
  };

  struct Query {
    std::string text;
    std::string type;  // "vector", "scalar", "matrix", "null"; empty: none came
    std::vector<Sample> samples;
    std::vector<std::string> warnings;
    std::string error;
    // How long the backend took; nothing if no answer came in time.
    std::optional<Duration> took;
  };

  // What the backend is taken for: "victoriametrics", and why.
  struct Backend {
    std::string dialect;
    std::string title;  // "VictoriaMetrics"
    std::string why;
    std::string name = "default";  // of the rule that was chosen
  };

  Backend backend;
  Cause cause = Cause::kValue;
  std::string detail;  // of the error: what the log has

  bool external = false;
  std::string resource;  // "pods", "deployments.apps"; empty: not known
  std::string metric;
  // Of a rule, the field that its queries are made of.
  std::string query_field = "metricsQuery";
  std::string label;            // that names the object in the answer
  std::string namespace_label;  // that names its namespace there; may be empty
  std::string wanted_namespace;

  std::vector<Rule> rules;
  std::optional<Objects> objects;  // custom only, once it came to that
  std::vector<Query> queries;

  // Other resources that have the metric, and known metrics with names like it.
  std::vector<std::string> other_resources;
  std::vector<std::string> near_names;
};

// The same for a request of the resource metrics API, which asks two rules
// about the objects of each namespace.
struct ResourceTrace {
  bool asked = false;  // did the request come to the engine?
  Trace::Backend backend;
  Cause cause = Cause::kValue;
  std::string detail;
  std::optional<Trace::Objects> objects;
  // What each rule was asked about the objects of one namespace, as if it were
  // a request of its own.
  std::vector<Trace> questions;
  // Objects without a value: "web-1 has CPU and no memory".
  std::vector<std::string> left_out;
};

// What to do next, the likeliest cure first.  Pure.
std::vector<std::string> Advise(const Trace& trace);
std::vector<std::string> Advise(const ResourceTrace& trace);

// What became of a sample of `trace`, in words.  Pure.
std::string Describe(const Trace& trace, const Trace::Sample& sample);

}  // namespace sextant::query
