#include "sextant/query/engine.h"

#include <set>
#include <utility>

#include "asking.h"
#include "errors.h"
#include "find_metric.h"
#include "plan.h"
#include "rule_meter.h"
#include "rule_notes.h"
#include "sextant/base/spawn.h"
#include "sextant/obs/log.h"
#include "sextant/promql/quote.h"
#include "trace_notes.h"
#include "value.h"

namespace sextant::query {
namespace {

// Where the names of the objects that have a metric can be read.
std::string SeriesOfObjects(const catalog::CustomMetric& metric,
                            const std::string& namespace_) {
  std::optional<std::string> series =
      metric.rule->SeriesOf(metric.series, namespace_);
  if (series) return std::move(*series);
  return "{__name__=" + promql::QuoteValue(metric.series) + "}";
}

ObjectLabels LabelsFor(const rules::Rule& rule, const model::Resource& resource,
                       const model::ResourceTable& resources,
                       const std::string& namespace_) {
  ObjectLabels labels;
  const Result<std::string> object = rule.LabelForResource(resource);
  if (object) labels.object = *object;
  labels.wanted_namespace = namespace_;
  const model::Resource* namespaces = resources.Find("", "namespaces");
  if (namespaces == nullptr || namespace_.empty()) return labels;
  const Result<std::string> label = rule.LabelForResource(*namespaces);
  if (label) labels.namespace_ = *label;
  return labels;
}

// FindCustom()'s error, or FindExternal()'s.
Error EndOfSearch(Trace* trace, Error error) {
  Cause cause = Cause::kBackend;
  if (error.code == ErrorCode::kInvalidArgument) cause = Cause::kBadQuery;
  if (error.code == ErrorCode::kDeadlineExceeded) cause = Cause::kTimeout;
  return End(trace, cause, std::move(error));
}

}  // namespace

class Engine::Impl {
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

  // The Tasks are static and hold the object themselves.
  // `trace` may be null: everywhere here.
  static Task<Result<std::vector<ObjectValue>>> Custom(Self self,
                                                       CustomRequest request,
                                                       TimePoint deadline,
                                                       Trace* trace);
  static Task<Result<std::vector<ExternalValue>>> External(
      Self self, ExternalRequest request, TimePoint deadline, Trace* trace);

  // The same, and what the rules have to say about it.
  static Task<Result<std::vector<ObjectValue>>> ExplainCustom(
      Self self, CustomRequest request, TimePoint deadline, Trace* trace);
  static Task<Result<std::vector<ExternalValue>>> ExplainExternal(
      Self self, ExternalRequest request, TimePoint deadline, Trace* trace);

 private:
  static Task<Result<std::vector<std::string>>> List(
      Self self, CustomRequest request, const model::Resource* resource,
      std::optional<catalog::CustomMetric> metric, TimePoint deadline);

  // Does the backend know a series that a made rule is about?  An empty answer
  // does not tell a name that nobody has from one without a sample.
  static Task<bool> HasSeriesOf(Self self, const rules::Rule& rule,
                                const std::string& series, TimePoint deadline);

  // The answers to all queries, in their order; the first error if there is
  // one.
  static Task<Result<std::vector<Answer>>> AskAll(
      Self self, const rules::Rule& rule, std::vector<std::string> queries,
      TimePoint deadline, Trace* trace);

  // The samples of a custom metric's answers, which hold them.
  static Result<std::vector<const model::Sample*>> Samples(
      const std::vector<Answer>& answers);
  void WarnOfSeveral(const rules::Rule& rule, const std::string& metric);
  // End() of a request that `rule` had a series for.
  Error EndOf(const rules::Rule& rule, Trace* trace, Cause cause, Error error);

  const Options options_;
  catalog::Refresher& catalog_;
  model::ObjectLister& lister_;
  const backend::Backends backends_;
  Clock& clock_;
  RuleMeter meter_;
  const Asking::Self asking_;
  std::set<std::string> warned_of_several_;  // paths of rules
};

Task<Result<std::vector<std::string>>> Engine::Impl::List(
    Self self, CustomRequest request, const model::Resource* resource,
    std::optional<catalog::CustomMetric> metric, TimePoint deadline) {
  model::ListRequest list;
  list.resource = resource;
  list.namespace_ = request.namespace_;
  list.selector = request.object_selector;
  list.deadline = deadline;
  if (metric) {
    Result<std::string> label = metric->rule->LabelForResource(*resource);
    if (label) list.label = std::move(*label);
    list.series = SeriesOfObjects(*metric, request.namespace_);
    list.backend = metric->rule->backend();
  }
  std::optional<Result<std::vector<std::string>>> names =
      co_await Before(self->clock_, deadline, self->lister_.List(list));
  if (!names) {
    co_return TooLate("listing " + resource->group_resource().ToString());
  }
  if (*names) co_return std::move(*names);
  Error error = std::move(*names).error();
  if (error.code == ErrorCode::kInvalidArgument) co_return error;
  std::string cause =
      "listing " + resource->group_resource().ToString() + ": " + error.message;
  if (!error.detail.empty()) cause += " (" + error.detail + ")";
  if (error.code == ErrorCode::kDeadlineExceeded) co_return TooLate(cause);
  co_return CannotList(cause);
}

Task<Result<std::vector<ObjectValue>>> Engine::Impl::Custom(
    Self self, CustomRequest request, TimePoint deadline, Trace* trace) {
  const auto no_metric = [&request](const std::string& detail) {
    return NoSuchMetric(request.metric, request.resource, detail);
  };
  const bool all = request.name == "*";
  // The table lives as long as the rules, which this holds on to.
  std::shared_ptr<const rules::RuleSet> rules = self->catalog_.rules();
  const auto asked_for = model::GroupResource::Parse(request.resource);
  const model::Resource* resource = rules->resources->Find(asked_for);
  if (resource == nullptr && self->options_.look_for_resources) {
    co_await self->options_.look_for_resources(deadline);
    rules = self->catalog_.rules();
    resource = rules->resources->Find(asked_for);
  }
  if (resource == nullptr) {
    const std::string why = "no resource is called " + request.resource;
    co_return End(trace, Cause::kUnknownResource,
                  all ? CannotList(why) : no_metric(why));
  }
  if (resource->namespaced && request.namespace_.empty()) {
    co_return End(trace, Cause::kScope,
                  no_metric("the resource is namespaced, the path is not"));
  }
  if (!resource->namespaced && !request.namespace_.empty()) {
    if (all) {
      co_return End(trace, Cause::kScope,
                    no_metric("the resource is not namespaced"));
    }
    // HPAs have no other path for the objects of a cluster-scoped resource.
    request.namespace_.clear();
  }

  const Result<std::optional<FoundCustom>> found =
      co_await FindCustom(self->catalog_, *resource, request.metric,
                          request.metric_selector, deadline, trace);
  if (!found) co_return EndOfSearch(trace, found.error());
  std::optional<catalog::CustomMetric> metric;
  if (*found) metric = (*found)->metric;
  rules::QueryInput input;
  NoteObjects(trace, request, all);
  if (all) {
    Result<std::vector<std::string>> names =
        co_await List(self, request, resource, metric, deadline);
    NoteList(trace, names);
    if (!names) {
      co_return End(trace, Cause::kListFailed, std::move(names).error());
    }
    if (names->empty()) {
      co_return End(trace, metric ? Cause::kNoObjects : Cause::kNoSeries,
                    no_metric("no object matches"));
    }
    input.names = std::move(*names);
  } else {
    input.names.push_back(request.name);
  }
  if (!metric && self->clock_.Now() >= deadline) {
    co_return End(trace, Cause::kTimeout,
                  TooLate("looking for the metric " + request.metric));
  }
  if (!metric) {
    co_return End(trace, Cause::kNoSeries,
                  no_metric("no rule has a series for it"));
  }

  const rules::Rule& rule = *metric->rule;
  // A made rule has the names of its series in its text.
  if (!(*found)->made) input.series = metric->series;
  input.resource = resource;
  input.namespace_ = request.namespace_;
  input.selector = (*found)->selector;
  input.requirements = (*found)->requirements;
  const Result<std::vector<std::string>> queries =
      PlanQueries(rule, input, self->options_.max_query_bytes);
  if (!queries) {
    co_return self->EndOf(
        rule, trace, Cause::kBadQuery,
        no_metric(rule.path() + ": " + queries.error().message));
  }
  Result<std::vector<Answer>> answers =
      co_await AskAll(self, rule, *queries, deadline, trace);
  if (!answers) {
    co_return self->EndOf(rule, trace, Cause::kBackend,
                          std::move(answers).error());
  }
  const Result<std::vector<const model::Sample*>> samples = Samples(*answers);
  if (!samples) {
    co_return self->EndOf(
        rule, trace, Cause::kNotAVector,
        CannotFetch(About(queries->front(), samples.error().message)));
  }

  bool several = false;
  std::vector<SampleState> fates;
  const ObjectLabels labels =
      LabelsFor(rule, *resource, *rules->resources, request.namespace_);
  const std::map<std::string_view, Value> values =
      ValuesByObject(*samples, labels, input.names, rule.nan(),
                     self->meter_.Samples(rule.path()), several,
                     trace == nullptr ? nullptr : &fates);
  NoteLabels(trace, labels);
  NoteFates(trace, fates);
  if (several) self->WarnOfSeveral(rule, request.metric);

  std::vector<ObjectValue> items;
  items.reserve(values.size());
  for (const std::string& name : input.names) {
    const auto value = values.find(name);
    if (value == values.end()) continue;
    items.push_back({*resource, request.namespace_, name, value->second.time,
                     value->second.milli});
  }
  if ((*found)->made && samples->empty()) {
    const bool exists =
        co_await HasSeriesOf(self, rule, metric->series, deadline);
    if (!exists) {
      NoteNoSuchSeries(trace, metric->series);
      co_return self->EndOf(rule, trace, Cause::kNoSeries,
                            no_metric("no series is called " + metric->series));
    }
  }
  self->meter_.Answered(rule.path(), items.size(), samples->size());
  if (items.empty() && trace != nullptr) trace->cause = CauseOfNothing(fates);
  if (items.empty() && !all) {
    co_return End(
        trace, CauseOfNothing(fates),
        NoSuchMetric(request.metric, request.resource + " " + request.name,
                     About(queries->front(), "no value")));
  }
  co_return items;
}

Task<Result<std::vector<ExternalValue>>> Engine::Impl::External(
    Self self, ExternalRequest request, TimePoint deadline, Trace* trace) {
  const auto no_metric = [&request](const std::string& detail) {
    // prometheus-adapter's framework names a resource only here.
    const bool in_default = request.namespace_ == "default";
    return NoSuchMetric(request.metric, in_default ? "namespaces" : "", detail);
  };
  const Result<std::optional<FoundExternal>> found = co_await FindExternal(
      self->catalog_, request.metric, request.selector, deadline, trace);
  if (!found) co_return EndOfSearch(trace, found.error());
  if (!*found && self->clock_.Now() >= deadline) {
    co_return End(trace, Cause::kTimeout,
                  TooLate("looking for the metric " + request.metric));
  }
  if (!*found) {
    co_return End(trace, Cause::kNoSeries,
                  no_metric("no rule has a series for it"));
  }
  const catalog::ExternalMetric& metric = (*found)->metric;
  const rules::Rule& rule = *metric.rule;
  rules::QueryInput input;
  if (!(*found)->made) input.series = metric.series;
  input.namespace_ = request.namespace_;
  input.selector = (*found)->selector;
  input.requirements = (*found)->requirements;
  const Result<std::string> query = rule.BuildQuery(input);
  if (!query) {
    co_return self->EndOf(
        rule, trace, Cause::kBadQuery,
        CannotFetch(rule.path() + ": " + query.error().message));
  }
  std::vector<std::string> queries;
  queries.push_back(*query);
  Result<std::vector<Answer>> answers =
      co_await AskAll(self, rule, std::move(queries), deadline, trace);
  if (!answers) {
    co_return self->EndOf(rule, trace, Cause::kBackend,
                          std::move(answers).error());
  }

  const model::QueryResult& result = *answers->front()->result;
  if (result.type == model::QueryResult::Type::kMatrix) {
    co_return self->EndOf(
        rule, trace, Cause::kNotAVector,
        {ErrorCode::kInternal, "encountered an unexpected query result type",
         About(*query, "the answer is a matrix")});
  }
  if (result.null) {
    co_return self->EndOf(
        rule, trace, Cause::kNotAVector,
        {ErrorCode::kInternal,
         "the provided input did not contain vector query results",
         About(*query, "the answer's result is null")});
  }
  const bool scalar = result.type == model::QueryResult::Type::kScalar;
  std::vector<ExternalValue> items;
  std::vector<SampleState> fates;
  SampleCounters& counters = self->meter_.Samples(rule.path());
  for (const model::Sample& sample : result.samples) {
    const Verdict verdict = Judge(sample, rule.nan());
    counters.Count(verdict.state);
    if (trace != nullptr) fates.push_back(verdict.state);
    if (!verdict.milli) continue;
    ExternalValue item;
    if ((*found)->made) {
      item.labels = rules::Stackdriver::ReplyLabels(metric.name, sample.labels);
    } else if (!scalar) {
      item.labels = sample.labels;
    }
    item.time = sample.time;
    item.milli = *verdict.milli;
    items.push_back(std::move(item));
  }
  NoteFates(trace, fates);
  if ((*found)->made && result.samples.empty()) {
    const bool exists =
        co_await HasSeriesOf(self, rule, metric.series, deadline);
    if (!exists) {
      NoteNoSuchSeries(trace, metric.series);
      co_return self->EndOf(rule, trace, Cause::kNoSeries,
                            no_metric("no series is called " + metric.series));
    }
  }
  self->meter_.Answered(rule.path(), items.size(), result.samples.size());
  if (items.empty() && trace != nullptr) trace->cause = CauseOfNothing(fates);
  co_return items;
}

Task<Result<std::vector<ObjectValue>>> Engine::Impl::ExplainCustom(
    Self self, CustomRequest request, TimePoint deadline, Trace* trace) {
  trace->metric = request.metric;
  Result<std::vector<ObjectValue>> values =
      co_await Custom(self, request, deadline, trace);
  co_await AddRuleNotes(self->catalog_, self->backends_, self->clock_,
                        request.resource, deadline, trace);
  NoteBackend(trace, self->backends_);
  co_return values;
}

Task<Result<std::vector<ExternalValue>>> Engine::Impl::ExplainExternal(
    Self self, ExternalRequest request, TimePoint deadline, Trace* trace) {
  trace->metric = request.metric;
  trace->external = true;
  Result<std::vector<ExternalValue>> values =
      co_await External(self, std::move(request), deadline, trace);
  co_await AddRuleNotes(self->catalog_, self->backends_, self->clock_,
                        std::string(), deadline, trace);
  NoteBackend(trace, self->backends_);
  co_return values;
}

Task<bool> Engine::Impl::HasSeriesOf(Self self, const rules::Rule& rule,
                                     const std::string& series,
                                     TimePoint deadline) {
  const TimePoint now = self->clock_.Now();
  return HasSeries(self->backends_.Of(rule.backend()), rule.series_query(),
                   series, now - self->catalog_.max_age(), now, deadline);
}

Task<Result<std::vector<Answer>>> Engine::Impl::AskAll(
    Self self, const rules::Rule& rule, std::vector<std::string> queries,
    TimePoint deadline, Trace* trace) {
  if (trace != nullptr) trace->backend.name = rule.backend();
  std::vector<RuleQuery> questions;
  questions.reserve(queries.size());
  for (const std::string& query : queries) {
    questions.push_back({rule.path(), rule.backend(), query});
  }
  std::vector<Answer> answers =
      co_await Asking::All(self->asking_, std::move(questions), deadline);
  for (std::size_t i = 0; i < queries.size(); ++i) {
    NoteAnswer(trace, queries[i], answers[i]);
  }
  for (std::size_t i = 0; i < queries.size(); ++i) {
    const Answer& answer = answers[i];
    if (!answer) co_return TooLate(About(queries[i], "no answer in time"));
    if (answer->result) continue;
    const Error& error = answer->result.error();
    std::string cause = About(queries[i], error.message);
    if (!error.detail.empty()) cause += "; " + error.detail;
    if (error.code == ErrorCode::kDeadlineExceeded) co_return TooLate(cause);
    co_return CannotFetch(cause);
  }
  co_return answers;
}

Result<std::vector<const model::Sample*>> Engine::Impl::Samples(
    const std::vector<Answer>& answers) {
  std::vector<const model::Sample*> samples;
  for (const Answer& answer : answers) {
    const model::QueryResult& result = *answer->result;
    // Which object a scalar or a matrix belongs to, nobody can say.
    if (result.type == model::QueryResult::Type::kScalar) {
      return Error{ErrorCode::kInternal, "the answer is a scalar", ""};
    }
    if (result.type == model::QueryResult::Type::kMatrix) {
      return Error{ErrorCode::kInternal, "the answer is a matrix", ""};
    }
    for (const model::Sample& sample : result.samples) {
      samples.push_back(&sample);
    }
  }
  return samples;
}

Error Engine::Impl::EndOf(const rules::Rule& rule, Trace* trace, Cause cause,
                          Error error) {
  const bool late = error.code == ErrorCode::kDeadlineExceeded;
  meter_.Ended(rule.path(), late ? Cause::kTimeout : cause);
  return End(trace, cause, std::move(error));
}

void Engine::Impl::WarnOfSeveral(const rules::Rule& rule,
                                 const std::string& metric) {
  if (!warned_of_several_.insert(rule.path()).second) return;
  obs::Warn("an answer has several samples for one object; the last is served",
            {{"rule", rule.path()}, {"metric", metric}});
}

Engine::Engine(Options options, catalog::Refresher& catalog,
               model::ObjectLister& lister, backend::Backends backends,
               Clock& clock, obs::Metrics& metrics)
    : impl_(std::make_shared<Impl>(options, catalog, lister,
                                   std::move(backends), clock, metrics)) {}

Engine::~Engine() = default;

Task<Result<std::vector<ObjectValue>>> Engine::Custom(CustomRequest request,
                                                      TimePoint deadline,
                                                      Trace* trace) {
  if (trace != nullptr) {
    return Impl::ExplainCustom(impl_, std::move(request), deadline, trace);
  }
  return Impl::Custom(impl_, std::move(request), deadline, nullptr);
}

Task<Result<std::vector<ExternalValue>>> Engine::External(
    ExternalRequest request, TimePoint deadline, Trace* trace) {
  if (trace != nullptr) {
    return Impl::ExplainExternal(impl_, std::move(request), deadline, trace);
  }
  return Impl::External(impl_, std::move(request), deadline, nullptr);
}

}  // namespace sextant::query
