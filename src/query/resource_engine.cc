// A list of pods of two namespaces is four questions, each with its own queries
// (more than one if the text would be too long):
//
//   shop:  cpu, memory        cache: cpu, memory
//
// All queries are put at once, and each answer goes to the Measure of its
// question.

#include "sextant/query/resource_engine.h"

#include <set>
#include <utility>

#include "asking.h"
#include "errors.h"
#include "plan.h"
#include "rule_meter.h"
#include "sextant/base/spawn.h"
#include "sextant/obs/log.h"
#include "trace_notes.h"
#include "usage.h"
#include "usage_notes.h"

namespace sextant::query {
namespace {

using rules::Measured;
using rules::ResourceRule;
using Objects = std::vector<model::ObjectMetadata>;

// What is asked about the objects of one namespace by one rule.
struct Question {
  const ResourceRule* rule = nullptr;
  MeasureLabels labels;
  std::vector<std::string> names;
  std::size_t number = 0;  // in the order of all questions
  std::size_t first_query = 0;
  std::size_t queries = 0;
};

// The objects of one namespace, neighbours in the list, or all nodes.
struct Place {
  std::size_t begin = 0;
  std::size_t end = 0;
  Question cpu;
  Question memory;
};

// Of all answers to one rule.
struct Tally {
  std::size_t samples = 0;
  std::size_t objects = 0;  // with a value
};

// Of what there is of all queries, that of a question's.
template <typename T>
std::vector<T> Part(const std::vector<T>& all, const Question& question) {
  const auto first =
      all.begin() + static_cast<std::ptrdiff_t>(question.first_query);
  return {first, first + static_cast<std::ptrdiff_t>(question.queries)};
}

Error BackendIsDown(std::string detail) {
  return {ErrorCode::kUnavailable,
          "unable to fetch metrics: the backend of sextant does not answer, or "
          "not as it should",
          std::move(detail)};
}

Error NoQuery(const ResourceRule& rule, Measured what, const Error& error) {
  const char* field = what == Measured::kPods ? "containerQuery" : "nodeQuery";
  return {ErrorCode::kInternal,
          "Internal error occurred: " + rule.path() + "." + field + ": " +
              error.message,
          error.detail};
}

// An answer as an error, if it is one.
std::optional<Error> FailureOf(const std::string& promql,
                               const Answer& answer) {
  if (!answer) return TooLate(About(promql, "no answer in time"));
  if (!answer->result) {
    const Error& error = answer->result.error();
    std::string cause = About(promql, error.message);
    if (!error.detail.empty()) cause += "; " + error.detail;
    if (error.code == ErrorCode::kDeadlineExceeded) return TooLate(cause);
    if (error.code == ErrorCode::kUnavailable) return BackendIsDown(cause);
    return CannotFetch(cause);
  }
  const model::QueryResult& result = *answer->result;
  if (result.type == model::QueryResult::Type::kVector) return std::nullopt;
  return CannotFetch(About(promql, "the answer is no vector"));
}

MeasureLabels LabelsOf(const ResourceRule& rule, Measured what,
                       const std::string& namespace_) {
  MeasureLabels labels;
  labels.container = rule.container_label();
  labels.object.wanted_namespace = namespace_;
  if (const auto label = rule.LabelFor(what)) labels.object.object = *label;
  if (what == Measured::kNodes) return labels;
  if (const auto label = rule.NamespaceLabel()) {
    labels.object.namespace_ = *label;
  }
  return labels;
}

// Adds its queries to `queries`.
Result<Question> Plan(const ResourceRule& rule, Measured what,
                      const std::string& namespace_,
                      std::vector<std::string> names, std::size_t max_bytes,
                      std::vector<RuleQuery>& queries) {
  Question question;
  question.rule = &rule;
  question.labels = LabelsOf(rule, what, namespace_);
  Result<std::vector<std::string>> planned = PlanQueries(
      [&](const std::vector<std::string>& some) {
        return rule.BuildQuery(what, namespace_, some);
      },
      names, question.labels.object.object, max_bytes);
  if (!planned) return NoQuery(rule, what, planned.error());
  question.names = std::move(names);
  question.first_query = queries.size();
  question.queries = planned->size();
  for (std::string& promql : *planned) {
    queries.push_back({rule.path(), "", std::move(promql)});
  }
  return question;
}

}  // namespace

class ResourceEngine::Impl {
 public:
  using Self = std::shared_ptr<Impl>;

  Impl(Options options, catalog::Refresher& catalog,
       model::ObjectLister& lister, const backend::Backends& backends,
       Clock& clock, obs::Metrics& metrics)
      : options_(options),
        catalog_(catalog),
        lister_(lister),
        backends_(backends),
        clock_(clock),
        meter_(metrics),
        asking_(std::make_shared<Asking>(options.query_timeout, backends, clock,
                                         metrics)) {}

  // Ask(), and what the backend is taken for once it has been asked.
  static Task<Result<ResourceAnswer>> Explain(Self self,
                                              ResourceRequest request,
                                              TimePoint deadline,
                                              ResourceTrace* trace) {
    Result<ResourceAnswer> answer =
        co_await Ask(self, std::move(request), deadline, trace);
    NoteBackend(trace, self->backends_);
    co_return answer;
  }

  // The Tasks are static and hold the object themselves.
  // `trace` may be null: everywhere here.
  static Task<Result<ResourceAnswer>> Ask(Self self, ResourceRequest request,
                                          TimePoint deadline,
                                          ResourceTrace* trace) {
    if (trace != nullptr) trace->asked = true;
    // Held to the end: the questions point into it.
    const std::shared_ptr<const rules::RuleSet> rules = self->catalog_.rules();
    if (!rules->resource) {
      co_return Error{ErrorCode::kNotFound,
                      "the server could not find the requested resource",
                      "no resourceRules"};
    }
    Result<Objects> objects =
        co_await List(self, *rules->resource, request, deadline);
    if (!objects) {
      NoteNotListed(trace, request, objects.error());
      co_return EndOfUsage(trace, Cause::kListFailed,
                           std::move(objects).error());
    }
    if (request.keep) {
      std::erase_if(*objects, [&](const model::ObjectMetadata& object) {
        return !request.keep(object.ref);
      });
    }
    NoteListed(trace, request, *objects);
    std::vector<RuleQuery> queries;
    const Result<std::vector<Place>> places =
        self->PlanAll(*rules->resource, request.what, *objects, queries);
    if (!places) {
      co_return EndOfUsage(trace, Cause::kBadQuery, places.error());
    }
    for (RuleQuery& query : queries) query.backend = rules->resource->backend;
    if (trace != nullptr) trace->backend.name = rules->resource->backend;
    const std::vector<Answer> answers =
        co_await Asking::All(self->asking_, queries, deadline);
    if (trace != nullptr) {
      for (const Place& place : *places) {
        for (const Question* question : {&place.cpu, &place.memory}) {
          NoteQuestion(trace, *question->rule, request.what, question->labels,
                       Part(queries, *question), Part(answers, *question));
        }
      }
    }
    for (std::size_t i = 0; i < queries.size(); ++i) {
      std::optional<Error> failure = FailureOf(queries[i].promql, answers[i]);
      if (!failure) continue;
      const bool no_vector = answers[i] && answers[i]->result;
      const Cause cause = no_vector ? Cause::kNotAVector : Cause::kBackend;
      const bool late = failure->code == ErrorCode::kDeadlineExceeded;
      self->meter_.Ended(queries[i].rule, late ? Cause::kTimeout : cause);
      co_return EndOfUsage(trace, cause, *std::move(failure));
    }
    ResourceAnswer answer;
    answer.objects = objects->size();
    answer.window = rules->resource->window;
    Tally cpu;
    Tally memory;
    for (const Place& place : *places) {
      self->Assemble(request.what, place, *objects, answers, answer.items, cpu,
                     memory, trace);
    }
    if (!places->empty()) {
      self->meter_.Answered(rules->resource->cpu->path(), cpu.objects,
                            cpu.samples);
      self->meter_.Answered(rules->resource->memory->path(), memory.objects,
                            memory.samples);
    }
    NoteEnd(trace, answer.items.size(), answer.objects);
    co_return answer;
  }

 private:
  static Task<Result<Objects>> List(Self self,
                                    const rules::ResourceRules& rules,
                                    const ResourceRequest& request,
                                    TimePoint deadline) {
    model::ListRequest list;
    list.resource = &rules::ResourceOf(request.what);
    list.namespace_ = request.namespace_;
    list.name = request.name;
    list.selector = request.selector;
    list.deadline = deadline;
    list.backend = rules.backend;
    const MeasureLabels labels = LabelsOf(*rules.cpu, request.what, "");
    list.label = labels.object.object;
    list.namespace_label = labels.object.namespace_;
    list.series = rules.cpu->SeriesOf(request.what, request.namespace_)
                      .value_or(std::string());
    std::optional<Result<Objects>> listed = co_await Before(
        self->clock_, deadline, self->lister_.ListMetadata(list));
    const std::string doing = "listing " + list.resource->plural;
    if (!listed) co_return TooLate(doing);
    if (*listed) co_return std::move(*listed);
    Error error = std::move(*listed).error();
    if (error.code == ErrorCode::kInvalidArgument) co_return error;
    std::string cause = doing + ": " + error.message;
    if (!error.detail.empty()) cause += " (" + error.detail + ")";
    if (error.code == ErrorCode::kDeadlineExceeded) co_return TooLate(cause);
    co_return CannotList(cause);
  }

  // One place for each namespace of `objects`, which are in its order.
  Result<std::vector<Place>> PlanAll(const rules::ResourceRules& rules,
                                     Measured what, const Objects& objects,
                                     std::vector<RuleQuery>& queries) {
    std::vector<Place> places;
    for (std::size_t begin = 0; begin < objects.size();) {
      const std::string& namespace_ = objects[begin].ref.namespace_;
      Place place;
      place.begin = begin;
      std::vector<std::string> names;
      for (; begin < objects.size() &&
             objects[begin].ref.namespace_ == namespace_;
           ++begin) {
        names.push_back(objects[begin].ref.name);
      }
      place.end = begin;
      Result<Question> cpu = Plan(*rules.cpu, what, namespace_, names,
                                  options_.max_query_bytes, queries);
      if (!cpu) return NotPlanned(*rules.cpu, std::move(cpu).error());
      Result<Question> memory =
          Plan(*rules.memory, what, namespace_, std::move(names),
               options_.max_query_bytes, queries);
      if (!memory) return NotPlanned(*rules.memory, std::move(memory).error());
      place.cpu = *std::move(cpu);
      place.memory = *std::move(memory);
      place.cpu.number = 2 * places.size();
      place.memory.number = place.cpu.number + 1;
      places.push_back(std::move(place));
    }
    return places;
  }

  Error NotPlanned(const ResourceRule& rule, Error error) {
    meter_.Ended(rule.path(), Cause::kBadQuery);
    return error;
  }

  void Assemble(Measured what, const Place& place, const Objects& objects,
                const std::vector<Answer>& answers,
                std::vector<ResourceUsage>& items, Tally& of_cpu,
                Tally& of_memory, ResourceTrace* trace) {
    const Measure cpu = Read(what, place.cpu, answers, of_cpu, trace);
    const Measure memory = Read(what, place.memory, answers, of_memory, trace);
    for (std::size_t i = place.begin; i < place.end; ++i) {
      std::optional<ResourceUsage> usage = Combine(objects[i], cpu, memory);
      if (usage) {
        items.push_back(*std::move(usage));
      } else {
        NoteLeftOut(trace, objects[i].ref, cpu, memory);
      }
    }
  }

  Measure Read(Measured what, const Question& question,
               const std::vector<Answer>& answers, Tally& tally,
               ResourceTrace* trace) {
    Measure measure;
    bool several = false;
    std::vector<SampleState> fates;
    for (std::size_t i = 0; i < question.queries; ++i) {
      const model::QueryResult& result =
          *answers[question.first_query + i]->result;
      tally.samples += result.samples.size();
      AddSamples(result.samples, what, question.labels, question.names,
                 meter_.Samples(question.rule->path()), several, measure,
                 trace == nullptr ? nullptr : &fates);
    }
    tally.objects += measure.size();
    NoteSamples(trace, question.number, fates);
    if (several) WarnOfSeveral(*question.rule, what);
    return measure;
  }

  void WarnOfSeveral(const ResourceRule& rule, Measured what) {
    const char* query =
        what == Measured::kPods ? ".containerQuery" : ".nodeQuery";
    if (!warned_of_several_.insert(rule.path() + query).second) return;
    obs::Warn(
        "an answer has several samples for one container or node; one of them "
        "is served",
        {{"rule", rule.path() + query}});
  }

  const Options options_;
  catalog::Refresher& catalog_;
  model::ObjectLister& lister_;
  const backend::Backends backends_;
  Clock& clock_;
  RuleMeter meter_;
  const Asking::Self asking_;
  std::set<std::string> warned_of_several_;
};

ResourceEngine::ResourceEngine(Options options, catalog::Refresher& catalog,
                               model::ObjectLister& lister,
                               backend::Backends backends, Clock& clock,
                               obs::Metrics& metrics)
    : impl_(std::make_shared<Impl>(options, catalog, lister,
                                   std::move(backends), clock, metrics)) {}

ResourceEngine::~ResourceEngine() = default;

Task<Result<ResourceAnswer>> ResourceEngine::Ask(ResourceRequest request,
                                                 TimePoint deadline,
                                                 ResourceTrace* trace) {
  if (trace != nullptr) {
    return Impl::Explain(impl_, std::move(request), deadline, trace);
  }
  return Impl::Ask(impl_, std::move(request), deadline, nullptr);
}

}  // namespace sextant::query
