#include "usage_notes.h"

#include <algorithm>
#include <utility>

#include "trace_notes.h"

namespace sextant::query {
namespace {

std::string NameIn(const model::ObjectRef& ref) {
  return ref.namespace_.empty() ? ref.name : ref.namespace_ + "/" + ref.name;
}

bool HasSample(const Measure& measure, const std::string& object) {
  const auto found = measure.find(object);
  return found != measure.end() && !found->second.empty();
}

std::string Reason(const rules::ResourceRule& rule, rules::Measured what) {
  const bool cpu = rule.path() == "resourceRules.cpu";
  return std::string("it says how much ") + (cpu ? "CPU" : "memory") +
         (what == rules::Measured::kPods ? " the containers of pods use"
                                         : " nodes use");
}

// By the answers alone.
Cause CauseOf(const Trace& trace) {
  for (const Trace::Query& query : trace.queries) {
    if (!query.error.empty()) {
      return query.took ? Cause::kBackend : Cause::kTimeout;
    }
    if (query.type != "vector") return Cause::kNotAVector;
  }
  return Cause::kValue;
}

bool IsServed(SampleState state) {
  return state == SampleState::kValue || state == SampleState::kNanIsZero ||
         state == SampleState::kNegativeIsZero;
}

Trace::Objects& ObjectsOf(ResourceTrace& trace,
                          const ResourceRequest& request) {
  Trace::Objects& objects = trace.objects.emplace(Trace::Objects{});
  objects.by_selector = true;
  objects.selector = request.selector.ToString();
  return objects;
}

}  // namespace

Error EndOfUsage(ResourceTrace* trace, Cause cause, Error error) {
  if (trace != nullptr) {
    const bool late = error.code == ErrorCode::kDeadlineExceeded;
    trace->cause = late ? Cause::kTimeout : cause;
    trace->detail = error.detail.empty() ? error.message : error.detail;
  }
  return error;
}

void NoteListed(ResourceTrace* trace, const ResourceRequest& request,
                const std::vector<model::ObjectMetadata>& objects) {
  if (trace == nullptr) return;
  Trace::Objects& noted = ObjectsOf(*trace, request);
  for (const model::ObjectMetadata& object : objects) {
    noted.names.push_back(NameIn(object.ref));
  }
}

void NoteNotListed(ResourceTrace* trace, const ResourceRequest& request,
                   const Error& error) {
  if (trace == nullptr) return;
  std::string& noted = ObjectsOf(*trace, request).error;
  noted = error.message;
  if (!error.detail.empty()) noted += " (" + error.detail + ")";
}

void NoteQuestion(ResourceTrace* trace, const rules::ResourceRule& rule,
                  rules::Measured what, const MeasureLabels& labels,
                  const std::vector<RuleQuery>& queries,
                  const std::vector<Answer>& answers) {
  if (trace == nullptr) return;
  Trace question;
  question.query_field =
      what == rules::Measured::kPods ? "containerQuery" : "nodeQuery";
  question.resource = rules::ResourceOf(what).plural;
  question.metric = rule.path();
  Trace::Rule chosen;
  chosen.path = rule.path();
  chosen.chosen = true;
  chosen.label = labels.object.object;
  chosen.reason = Reason(rule, what);
  question.rules.push_back(std::move(chosen));
  NoteLabels(&question, labels.object);
  for (std::size_t i = 0; i < queries.size(); ++i) {
    NoteAnswer(&question, queries[i].promql, answers[i]);
  }
  question.cause = CauseOf(question);
  trace->questions.push_back(std::move(question));
}

void NoteSamples(ResourceTrace* trace, std::size_t question,
                 const std::vector<SampleState>& fates) {
  if (trace == nullptr) return;
  Trace& noted = trace->questions.at(question);
  NoteFates(&noted, fates);
  if (std::none_of(fates.begin(), fates.end(), IsServed)) {
    noted.cause = CauseOfNothing(fates);
  }
}

void NoteLeftOut(ResourceTrace* trace, const model::ObjectRef& object,
                 const Measure& cpu, const Measure& memory) {
  if (trace == nullptr) return;
  const bool has_cpu = HasSample(cpu, object.name);
  const bool has_memory = HasSample(memory, object.name);
  trace->left_out.push_back(NameIn(object) +
                            (has_cpu      ? " has CPU and no memory"
                             : has_memory ? " has memory and no CPU"
                                          : " has neither CPU nor memory"));
}

void NoteEnd(ResourceTrace* trace, std::size_t values, std::size_t objects) {
  if (trace == nullptr) return;
  if (values > 0) {
    trace->cause = Cause::kValue;
    return;
  }
  if (objects == 0) {
    trace->cause = Cause::kNoObjects;
    return;
  }
  const bool no_sample = std::all_of(
      trace->questions.begin(), trace->questions.end(),
      [](const Trace& question) { return question.cause == Cause::kNoSample; });
  trace->cause = no_sample ? Cause::kNoSample : Cause::kNoValue;
}

}  // namespace sextant::query
