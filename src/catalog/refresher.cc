#include "sextant/catalog/refresher.h"

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <functional>
#include <map>
#include <utility>

#include "assembly.h"
#include "refresher_impl.h"
#include "rule_groups.h"
#include "sextant/backend/failure.h"
#include "sextant/base/spawn.h"
#include "sextant/obs/log.h"
#include "survey.h"

namespace sextant::catalog {
namespace {

// A backend that was not there is tried so often, by one of the rules that
// failed for it, in turn; once one succeeds the others follow at once.  After a
// question that took longer the pause is as long as that took.
constexpr Duration kRetryPause = std::chrono::seconds(1);
constexpr Duration kLongestRetryPause = std::chrono::minutes(1);

// How much longer than the first backend others may take for their first round
// before discovery counts as done without them.
constexpr Duration kPatienceWithOthers = std::chrono::seconds(5);

double Seconds(TimePoint time) {
  return std::chrono::duration<double>(time.time_since_epoch()).count();
}

}  // namespace

Refresher::Impl::Impl(Options the_options,
                      std::shared_ptr<const rules::RuleSet> rules,
                      backend::Backends backends, Clock& clock,
                      obs::Metrics& metrics)
    : options(the_options),
      groups(RuleGroups::Build(std::move(rules), {})),
      clock_(clock),
      metrics_(metrics),
      backends_(std::move(backends)),
      rounds_(metrics.Counter("sextant_discovery_rounds_total",
                              "Rounds of discovery that have ended.")),
      lookups_made_(metrics.Counter(
          "sextant_discovery_lookups_total",
          "Questions put because a request asked for an unknown metric.")) {
  for (const auto& record : groups.records()) ErrorsOf(record->state.path);
}

std::uint64_t& Refresher::Impl::ErrorsOf(const std::string& path) {
  return metrics_.Counter("sextant_discovery_errors_total",
                          "Attempts at discovery that failed for a rule.",
                          {{"rule", path}});
}

std::vector<std::shared_ptr<Group>> Refresher::Impl::Replace(
    std::shared_ptr<const rules::RuleSet> rules) {
  if (rules->backends != groups.rules()->backends) {
    for (const auto& [backend, surveyor] : surveyors_) surveyor->Forget();
  }
  groups = RuleGroups::Build(std::move(rules), groups);
  for (const auto& record : groups.records()) ErrorsOf(record->state.path);
  overlaps_warned_about_.clear();  // rules have other places now
  Publish();
  std::vector<std::shared_ptr<Group>> unasked;
  for (const auto& group : groups.groups()) {
    const auto asked = [](const auto& record) { return record->state.asked; };
    if (!std::all_of(group->records.begin(), group->records.end(), asked)) {
      unasked.push_back(group);
    }
  }
  return unasked;
}

void Refresher::Impl::AddGauges(const Self& self, obs::Metrics& metrics) {
  // Weak: the registry outlives the catalog.
  const std::weak_ptr<Impl> weak = self;
  const std::string help = "Metrics that the catalog lists.";
  metrics.Gauge("sextant_catalog_metrics", help, {{"api", "custom"}}, [weak] {
    const Self alive = weak.lock();
    return alive ? static_cast<double>(alive->current->custom().size()) : 0.0;
  });
  metrics.Gauge("sextant_catalog_metrics", help, {{"api", "external"}}, [weak] {
    const Self alive = weak.lock();
    return alive ? static_cast<double>(alive->current->external().size()) : 0.0;
  });
  // A set, since there is none before the first round.
  metrics.GaugeSet(
      "sextant_catalog_last_round_timestamp_seconds",
      "When the last round of discovery ended, in seconds since 1970.", [weak] {
        obs::Metrics::LabelledValues values;
        const Self alive = weak.lock();
        const auto last = alive ? alive->LastRound() : std::nullopt;
        if (last) values.push_back({{}, Seconds(*last)});
        return values;
      });
  // A set, since another configuration has other rules.
  const auto of_rules =
      [weak](std::optional<double> (*read)(const RuleState&)) {
        return [weak, read] {
          obs::Metrics::LabelledValues values;
          const Self alive = weak.lock();
          if (!alive) return values;
          for (const auto& record : alive->groups.records()) {
            const std::optional<double> value = read(record->state);
            if (value)
              values.push_back({{{"rule", record->state.path}}, *value});
          }
          return values;
        };
      };
  metrics.GaugeSet("sextant_rule_metrics",
                   "Metrics that the catalog has of a rule.",
                   of_rules([](const RuleState& rule) -> std::optional<double> {
                     return static_cast<double>(rule.metrics);
                   }));
  metrics.GaugeSet(
      "sextant_rule_last_success_timestamp_seconds",
      "When discovery last went well for a rule, in seconds since 1970.",
      of_rules([](const RuleState& rule) -> std::optional<double> {
        if (!rule.last_success) return std::nullopt;
        return Seconds(*rule.last_success);
      }));
}

Surveyor& Refresher::Impl::SurveyorOf(const std::string& backend) {
  std::unique_ptr<Surveyor>& surveyor = surveyors_[backend];
  if (!surveyor) {
    surveyor = std::make_unique<Surveyor>(
        Surveyor::Options{options.max_age, options.request_timeout},
        backends_.Of(backend), clock_);
  }
  return *surveyor;
}

std::set<std::string> Refresher::Impl::Backends() const {
  std::set<std::string> names;
  for (const auto& group : groups.groups()) names.insert(group->backend);
  // Without rules there are rounds too, of nothing.
  if (names.empty()) names.insert(config::kDefaultBackend);
  return names;
}

std::vector<std::shared_ptr<Group>> Refresher::Impl::GroupsOf(
    const std::string& backend) const {
  std::vector<std::shared_ptr<Group>> of_backend;
  for (const auto& group : groups.groups()) {
    if (group->backend == backend) of_backend.push_back(group);
  }
  return of_backend;
}

bool Refresher::Impl::FirstRoundEnded() const {
  if (!first_end_) return false;
  return LastRound() || clock_.Now() - *first_end_ >= kPatienceWithOthers;
}

std::optional<TimePoint> Refresher::Impl::LastRound() const {
  std::optional<TimePoint> last;
  for (const std::string& backend : Backends()) {
    const auto ended = last_rounds.find(backend);
    if (ended == last_rounds.end()) return std::nullopt;
    last = last ? std::min(*last, ended->second) : ended->second;
  }
  return last;
}

Task<void> Refresher::Impl::Run(Self self) {
  struct Rounds {
    std::map<std::string, Running> running;
    ~Rounds() {
      for (auto& [backend, rounds] : running) rounds.Cancel();
    }
  } rounds;
  const auto executor = co_await boost::asio::this_coro::executor;
  while (true) {
    // Another configuration may have rules of other backends.
    for (const std::string& backend : self->Backends()) {
      Running& running = rounds.running[backend];
      if (running.Ended()) running = Spawn(executor, RunBackend(self, backend));
    }
    co_await self->clock_.SleepUntil(self->clock_.Now() + kRetryPause);
  }
}

Task<void> Refresher::Impl::RunBackend(Self self, std::string backend) {
  while (self->Backends().contains(backend)) {
    co_await RoundOf(self, backend);
    const TimePoint next = self->clock_.Now() + self->options.interval;
    co_await AskFailedAgain(self, backend, next);
    co_await self->clock_.SleepUntil(next);
  }
}

Task<void> Refresher::Impl::AskFailedAgain(Self self, std::string backend,
                                           TimePoint until) {
  Duration pause = kRetryPause;
  std::uint64_t last = 0;
  while (self->clock_.Now() + pause < until) {
    co_await self->clock_.SleepUntil(self->clock_.Now() + pause);
    pause = kRetryPause;
    std::vector<std::shared_ptr<Group>> failed =
        self->FailedBehind(backend, last);
    if (failed.empty()) continue;
    const std::shared_ptr<Group> first = failed.front();
    failed.erase(failed.begin());
    last = first->id;
    const TimePoint start = self->clock_.Now();
    co_await RefreshGroup(self, first);
    pause =
        std::clamp(self->clock_.Now() - start, kRetryPause, kLongestRetryPause);
    if (!first->may_recover) co_await AskSome(self, std::move(failed));
  }
}

std::vector<std::shared_ptr<Group>> Refresher::Impl::FailedBehind(
    const std::string& backend, std::uint64_t last) const {
  std::vector<std::shared_ptr<Group>> failed;
  for (const auto& group : GroupsOf(backend)) {
    if (group->may_recover) failed.push_back(group);
  }
  std::stable_partition(
      failed.begin(), failed.end(),
      [last](const std::shared_ptr<Group>& group) { return group->id > last; });
  return failed;
}

Task<void> Refresher::Impl::RunOnce(Self self) {
  const std::set<std::string> names = self->Backends();
  const std::vector<std::string> backends(names.begin(), names.end());
  std::function<Task<void>(std::size_t)> step =
      [self, backends](std::size_t i) { return RoundOf(self, backends[i]); };
  co_await ForEach(backends.size(), backends.size(), std::move(step));
}

Task<void> Refresher::Impl::RoundOf(Self self, std::string backend) {
  co_await AskSome(self, self->GroupsOf(backend));
  const TimePoint now = self->clock_.Now();
  self->last_rounds[backend] = now;
  if (!self->first_end_) self->first_end_ = now;
  ++self->rounds_;
}

Task<void> Refresher::Impl::AskAll(Self self,
                                   std::vector<std::shared_ptr<Group>> asked) {
  std::map<std::string, std::vector<std::shared_ptr<Group>>> by_backend;
  for (auto& group : asked) by_backend[group->backend].push_back(group);
  std::vector<std::vector<std::shared_ptr<Group>>> parts;
  parts.reserve(by_backend.size());
  for (auto& [backend, part] : by_backend) parts.push_back(std::move(part));
  const std::size_t count = parts.size();
  std::function<Task<void>(std::size_t)> step =
      [self, parts = std::move(parts)](std::size_t i) {
        return AskSome(self, parts[i]);
      };
  co_await ForEach(count, count, std::move(step));
}

Task<void> Refresher::Impl::AskSome(Self self,
                                    std::vector<std::shared_ptr<Group>> asked) {
  const std::size_t count = asked.size();
  std::function<Task<void>(std::size_t)> step =
      [self, asked = std::move(asked)](std::size_t i) {
        return RefreshGroup(self, asked[i]);
      };
  co_await ForEach(count, kAtOnce, std::move(step));
}

Task<void> Refresher::Impl::RefreshGroup(Self self,
                                         std::shared_ptr<Group> group) {
  if (group->retired) co_return;
  for (const auto& record : group->records) record->found_meanwhile.clear();
  const TimePoint start = self->clock_.Now();
  Result<Survey> survey =
      co_await self->SurveyorOf(group->backend).TakeWhole(group->Rules());
  if (group->retired) co_return;
  if (!survey) {
    self->NoteFailure(*group, survey.error());
    co_return;
  }
  const Duration took = self->clock_.Now() - start;
  for (const auto& [label, names] : *survey) {
    self->Remember(*group, label, took);
  }
  bool news = false;
  for (const auto& record : group->records) {
    Part part = MakePart(*record->known.rule, *survey);
    Merge(part, record->found_meanwhile);
    news |= part != record->known.part;
    record->known.part = std::move(part);
  }
  // At once and not at the end of the round, which another rule may delay.
  if (news) self->Publish();
  self->NoteSuccess(*group);
}

void Refresher::Impl::NoteFailure(Group& group, const Error& error) {
  group.may_recover = backend::IsFailure(error);
  const RuleState& before = group.records.front()->state;
  if (before.error != error.message) {
    obs::Warn("discovery failed; what was known of these rules is kept",
              {{"rules", group.Paths()},
               {"seriesQuery", before.series_query},
               {"error", error.message},
               {"detail", error.detail}});
  }
  for (const auto& record : group.records) {
    record->state.asked = true;
    record->state.error = error.message;
    record->state.detail = error.detail;
    ++ErrorsOf(record->state.path);
  }
}

void Refresher::Impl::NoteSuccess(Group& group) {
  group.may_recover = false;
  group.unheard.clear();
  const RuleState& before = group.records.front()->state;
  if (!before.error.empty()) {
    obs::Info("discovery works again",
              {{"rules", group.Paths()}, {"seriesQuery", before.series_query}});
  }
  for (const auto& record : group.records) {
    record->state.asked = true;
    record->state.error.clear();
    record->state.detail.clear();
    record->state.last_success = clock_.Now();
  }
}

void Refresher::Impl::Publish() {
  std::vector<const RulePart*> parts;
  for (const auto& record : groups.records()) {
    parts.push_back(&record->known);
  }
  Assembly assembly = Assemble(parts);

  for (const Overlap& overlap : assembly.overlaps) {
    if (!overlaps_warned_about_.emplace(overlap.loser, overlap.winner).second) {
      continue;
    }
    obs::Warn("series share a metric name; the later one is served",
              {{"rule", overlap.loser},
               {"served", overlap.winner},
               {"example", overlap.example}});
  }
  std::map<const rules::Rule*, std::size_t> entries;
  for (const auto& [key, m] : assembly.catalog.custom())
    ++entries[m.rule.get()];
  for (const auto& [key, m] : assembly.catalog.external()) {
    ++entries[m.rule.get()];
  }
  for (const auto& record : groups.records()) {
    record->state.metrics = entries[record->known.rule.get()];
  }
  if (SameContent(*current, assembly.catalog)) return;
  current = std::make_shared<const Catalog>(std::move(assembly.catalog));
  ++generation;
}

Refresher::Refresher(Options options,
                     std::shared_ptr<const rules::RuleSet> rules,
                     backend::Backends backends, Clock& clock,
                     obs::Metrics& metrics)
    : impl_(std::make_shared<Impl>(options, std::move(rules),
                                   std::move(backends), clock, metrics)) {
  Impl::AddGauges(impl_, metrics);
}

Refresher::~Refresher() = default;

std::shared_ptr<const Catalog> Refresher::Current() const {
  return impl_->current;
}

std::shared_ptr<const rules::RuleSet> Refresher::rules() const {
  return impl_->groups.rules();
}

bool Refresher::FirstRoundEnded() const { return impl_->FirstRoundEnded(); }

std::vector<RuleState> Refresher::RuleStates() const {
  std::vector<RuleState> states;
  for (const auto& record : impl_->groups.records()) {
    states.push_back(record->state);
  }
  return states;
}

std::vector<RuleFindings> Refresher::Findings() const {
  std::vector<RuleFindings> all;
  for (const auto& record : impl_->groups.records()) {
    RuleFindings found{
        record->known.rule, record->state.error, record->state.detail, {}};
    for (const auto& [series, facts] : record->known.part) {
      found.series.push_back(
          {series,
           facts.metric,
           {facts.resources.begin(), facts.resources.end()}});
    }
    all.push_back(std::move(found));
  }
  return all;
}

std::uint64_t Refresher::generation() const { return impl_->generation; }

Duration Refresher::max_age() const { return impl_->options.max_age; }

std::vector<std::string> Refresher::KnownSeries(
    const std::string& path, const model::GroupResource* resource,
    const std::string& metric) const {
  std::vector<std::string> known;
  for (const auto& record : impl_->groups.records()) {
    if (record->state.path != path) continue;
    for (const auto& [series, facts] : record->known.part) {
      const bool fits =
          resource == nullptr ||
          std::any_of(facts.resources.begin(), facts.resources.end(),
                      [resource](const model::Resource* r) {
                        return r->group_resource() == *resource;
                      });
      if (fits && facts.metric == metric) known.push_back(series);
    }
  }
  return known;
}

Task<bool> Refresher::LookUpCustom(const model::Resource& resource,
                                   std::string metric, TimePoint deadline) {
  return Impl::LookUp(impl_, resource, std::move(metric), deadline);
}

Task<bool> Refresher::LookUpExternal(std::string metric, TimePoint deadline) {
  return Impl::LookUp(impl_, std::nullopt, std::move(metric), deadline);
}

std::optional<Error> Refresher::WhyUnknown(const model::Resource* resource,
                                           const std::string& metric) const {
  return impl_->WhyUnknown(resource, metric);
}

Task<void> Refresher::Replace(std::shared_ptr<const rules::RuleSet> rules) {
  return Impl::AskAll(impl_, impl_->Replace(std::move(rules)));
}

Task<void> Refresher::RunOnce() { return Impl::RunOnce(impl_); }

Task<void> Refresher::Run() { return Impl::Run(impl_); }

}  // namespace sextant::catalog
