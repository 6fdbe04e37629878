#include "trace_notes.h"

#include <utility>

namespace sextant::query {
namespace {

const char* TypeName(const model::QueryResult& result) {
  if (result.null) return "null";
  switch (result.type) {
    case model::QueryResult::Type::kScalar:
      return "scalar";
    case model::QueryResult::Type::kMatrix:
      return "matrix";
    case model::QueryResult::Type::kVector:
      break;
  }
  return "vector";
}

Trace::Backend Describe(const std::string& name,
                        const backend::Backends& backends) {
  const backend::Recognition recognised = backends.Of(name).recognised();
  return {std::string(recognised.dialect->name),
          std::string(recognised.dialect->title), recognised.why, name};
}

}  // namespace

Error End(Trace* trace, Cause cause, Error error) {
  if (trace != nullptr) {
    const bool late = error.code == ErrorCode::kDeadlineExceeded;
    trace->cause = late ? Cause::kTimeout : cause;
    trace->detail = error.detail;
  }
  return error;
}

void NoteMadeRule(Trace* trace, const rules::Rule& rule,
                  const std::string& series, const std::string& label) {
  if (trace == nullptr) return;
  Trace::Rule note;
  note.path = rule.path();
  note.series_query = rule.series_query();
  note.chosen = true;
  note.series = series;
  note.label = label;
  note.reason = "the metric's name says that it is made of " + series;
  trace->rules.push_back(std::move(note));
}

void NoteNoMadeRule(Trace* trace, const std::string& why) {
  if (trace == nullptr) return;
  Trace::Rule note;
  note.path = "stackdriver";
  note.reason = why;
  note.advice.push_back("Change what is asked for: " + why + ".");
  trace->rules.push_back(std::move(note));
}

void NoteNoSuchSeries(Trace* trace, const std::string& series) {
  if (trace == nullptr) return;
  for (Trace::Rule& note : trace->rules) {
    if (!note.chosen) continue;
    note.chosen = false;
    note.reason = "no series is called " + series;
    note.advice.push_back(
        "Nothing called " + series +
        " was scraped lately: check the name, in which counters end in _total "
        "as a rule, and that the target is up.");
  }
}

void NoteBackend(Trace* trace, const backend::Backends& backends) {
  if (trace == nullptr) return;
  trace->backend = Describe(trace->backend.name, backends);
}

void NoteBackend(ResourceTrace* trace, const backend::Backends& backends) {
  if (trace == nullptr) return;
  trace->backend = Describe(trace->backend.name, backends);
}

void NoteObjects(Trace* trace, const CustomRequest& request, bool all) {
  if (trace == nullptr) return;
  // Not emplace(): clang 14 does not see that a class within a class can be
  // made from nothing.
  Trace::Objects& objects = trace->objects.emplace(Trace::Objects{});
  objects.by_selector = all;
  objects.selector = request.object_selector.ToString();
  if (!all) objects.names.push_back(request.name);
}

void NoteList(Trace* trace, const Result<std::vector<std::string>>& names) {
  if (trace == nullptr) return;
  if (names) {
    trace->objects->names = *names;
    return;
  }
  trace->objects->error = names.error().message;
  if (!names.error().detail.empty()) {
    trace->objects->error += " (" + names.error().detail + ")";
  }
}

void NoteLabels(Trace* trace, const ObjectLabels& labels) {
  if (trace == nullptr) return;
  trace->label = labels.object;
  trace->namespace_label = labels.namespace_;
  trace->wanted_namespace = labels.wanted_namespace;
}

void NoteAnswer(Trace* trace, const std::string& text, const Answer& answer) {
  if (trace == nullptr) return;
  Trace::Query query;
  query.text = text;
  if (answer) query.took = answer->took;
  if (!answer) {
    query.error = "no answer in time";
  } else if (const Result<model::QueryResult>& result = answer->result;
             !result) {
    query.error = result.error().message;
    if (!result.error().detail.empty()) {
      query.error += " (" + result.error().detail + ")";
    }
  } else {
    query.type = TypeName(*result);
    query.warnings = result->warnings;
    for (const model::Sample& sample : result->samples) {
      query.samples.push_back({sample, SampleState::kValue});
    }
  }
  trace->queries.push_back(std::move(query));
}

void NoteFates(Trace* trace, const std::vector<SampleState>& fates) {
  if (trace == nullptr) return;
  auto fate = fates.begin();
  for (Trace::Query& query : trace->queries) {
    for (Trace::Sample& sample : query.samples) {
      if (fate != fates.end()) sample.state = *fate++;
    }
  }
}

Cause CauseOfNothing(const std::vector<SampleState>& fates) {
  return fates.empty() ? Cause::kNoSample : Cause::kNoValue;
}

}  // namespace sextant::query
