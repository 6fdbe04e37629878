#include "sextant/catalog/refresher.h"

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "assembly.h"
#include "sextant/base/single_flight.h"
#include "sextant/base/spawn.h"
#include "sextant/base/text.h"
#include "sextant/obs/log.h"
#include "survey.h"

namespace sextant::catalog {
namespace {

constexpr std::size_t kAtOnce = 4;  // questions or groups of rules
constexpr Duration kLongestMissMemory = std::chrono::seconds(30);

struct Record {
  RulePart known;
  // What lookups found since the running round asked about this rule: its
  // answer may be older than theirs.
  Part found_meanwhile;
  RuleState state;
  std::uint64_t* errors = nullptr;
};

// Which series of a group of rules carry a label?
struct Question {
  std::size_t group = 0;
  std::string label;

  friend bool operator<(const Question& a, const Question& b) {
    return std::tie(a.group, a.label) < std::tie(b.group, b.label);
  }
};

std::string FlightKey(const Question& question) {
  return std::to_string(question.group) + " " + question.label;
}

// The labels whose presence on a series makes it a metric of `resource`.
std::set<std::string> LabelsOf(const rules::Rule& rule,
                               const model::Resource& resource) {
  const auto names_it = [&](const std::string& label) {
    const model::Resource* named = rule.ResourceForLabel(label);
    return named != nullptr &&
           named->group_resource() == resource.group_resource();
  };
  std::set<std::string> labels;
  for (const std::string& label : rule.override_labels()) {
    if (names_it(label)) labels.insert(label);
  }
  if (rule.has_label_template()) {
    const Result<std::string> label = rule.LabelForResource(resource);
    if (label && names_it(*label)) labels.insert(*label);
  }
  return labels;
}

}  // namespace

class Refresher::Impl {
 public:
  using Self = std::shared_ptr<Impl>;

  Impl(Options options, std::shared_ptr<const rules::RuleSet> rules,
       backend::Backend& backend, Clock& clock, obs::Metrics& metrics);

  // The Tasks are static and hold the object themselves.
  static Task<void> RunOnce(Self self);
  static Task<void> Run(Self self);
  // `resource` is empty for external metrics.
  static Task<bool> LookUp(Self self, std::optional<model::Resource> resource,
                           std::string metric, TimePoint deadline);

  static void AddGauges(const Self& self, obs::Metrics& metrics);

  const Options options;
  const std::shared_ptr<const rules::RuleSet> rules;
  std::shared_ptr<const Catalog> current = std::make_shared<Catalog>();
  std::uint64_t generation = 0;
  bool first_round_ended = false;
  std::vector<Record> records;  // custom, then external, in the file's order

 private:
  void AddRules(const std::vector<std::shared_ptr<const rules::Rule>>& section,
                obs::Metrics& metrics);
  RuleGroup RulesOf(std::size_t group) const;
  std::string PathsOf(std::size_t group) const;

  static Task<void> RefreshGroup(Self self, std::size_t group);
  static Task<void> AskBefore(Self self, Question question, TimePoint deadline);
  static Task<bool> Ask(Self self, Question question);
  std::set<Question> QuestionsFor(const model::Resource* resource,
                                  const std::string& metric) const;
  void NoteFailure(std::size_t group, const Error& error);
  void NoteSuccess(std::size_t group);
  void Remember(const Question& question, Duration took);
  bool IsFresh(const Question& question) const;
  void Publish();

  Clock& clock_;
  Surveyor surveyor_;
  std::vector<std::vector<std::size_t>> groups_;  // indices of records
  std::map<Question, TimePoint> fresh_until_;
  SingleFlight<std::string, bool> lookups_;
  std::set<std::pair<std::string, std::string>> overlaps_warned_about_;
  std::uint64_t& rounds_;
  std::uint64_t& lookups_made_;
};

Refresher::Impl::Impl(Options the_options,
                      std::shared_ptr<const rules::RuleSet> the_rules,
                      backend::Backend& backend, Clock& clock,
                      obs::Metrics& metrics)
    : options(the_options),
      rules(std::move(the_rules)),
      clock_(clock),
      surveyor_({options.max_age, options.request_timeout}, backend, clock),
      rounds_(metrics.Counter("sextant_discovery_rounds_total",
                              "Rounds of discovery that have ended.")),
      lookups_made_(metrics.Counter(
          "sextant_discovery_lookups_total",
          "Questions put because a request asked for an unknown metric.")) {
  AddRules(rules->custom, metrics);
  AddRules(rules->external, metrics);
}

void Refresher::Impl::AddRules(
    const std::vector<std::shared_ptr<const rules::Rule>>& section,
    obs::Metrics& metrics) {
  std::map<std::string, std::size_t> group_of;  // by seriesQuery
  for (const auto& rule : section) {
    const auto [group, is_new] =
        group_of.emplace(rule->series_query(), groups_.size());
    if (is_new) groups_.emplace_back();
    groups_[group->second].push_back(records.size());

    Record record;
    record.known.rule = rule;
    record.state.path = rule->path();
    record.state.series_query = rule->series_query();
    record.errors =
        &metrics.Counter("sextant_discovery_errors_total",
                         "Rounds of discovery that failed for a rule.",
                         {{"rule", rule->path()}});
    records.push_back(std::move(record));
  }
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
}

RuleGroup Refresher::Impl::RulesOf(std::size_t group) const {
  RuleGroup rules_of_group;
  for (const std::size_t i : groups_[group]) {
    rules_of_group.push_back(records[i].known.rule);
  }
  return rules_of_group;
}

std::string Refresher::Impl::PathsOf(std::size_t group) const {
  std::vector<std::string> paths;
  for (const std::size_t i : groups_[group]) {
    paths.push_back(records[i].state.path);
  }
  return Join(paths, ",");
}

Task<void> Refresher::Impl::Run(Self self) {
  while (true) {
    co_await RunOnce(self);
    co_await self->clock_.SleepUntil(self->clock_.Now() +
                                     self->options.interval);
  }
}

Task<void> Refresher::Impl::RunOnce(Self self) {
  std::function<Task<void>(std::size_t)> step = [self](std::size_t group) {
    return RefreshGroup(self, group);
  };
  co_await ForEach(self->groups_.size(), kAtOnce, std::move(step));
  self->first_round_ended = true;
  ++self->rounds_;
}

Task<void> Refresher::Impl::RefreshGroup(Self self, std::size_t group) {
  for (const std::size_t i : self->groups_[group]) {
    self->records[i].found_meanwhile.clear();
  }
  const TimePoint start = self->clock_.Now();
  Result<Survey> survey =
      co_await self->surveyor_.TakeWhole(self->RulesOf(group));
  if (!survey) {
    self->NoteFailure(group, survey.error());
    co_return;
  }
  const Duration took = self->clock_.Now() - start;
  for (const auto& [label, names] : *survey) {
    self->Remember({group, label}, took);
  }
  bool news = false;
  for (const std::size_t i : self->groups_[group]) {
    Record& record = self->records[i];
    Part part = MakePart(*record.known.rule, *survey);
    Merge(part, record.found_meanwhile);
    news |= part != record.known.part;
    record.known.part = std::move(part);
  }
  // At once and not at the end of the round, which another rule may delay.
  if (news) self->Publish();
  self->NoteSuccess(group);
}

void Refresher::Impl::NoteFailure(std::size_t group, const Error& error) {
  const RuleState& before = records[groups_[group].front()].state;
  if (before.error != error.message) {
    obs::Warn("discovery failed; what was known of these rules is kept",
              {{"rules", PathsOf(group)},
               {"seriesQuery", before.series_query},
               {"error", error.message},
               {"detail", error.detail}});
  }
  for (const std::size_t i : groups_[group]) {
    records[i].state.asked = true;
    records[i].state.error = error.message;
    ++*records[i].errors;
  }
}

void Refresher::Impl::NoteSuccess(std::size_t group) {
  const RuleState& before = records[groups_[group].front()].state;
  if (!before.error.empty()) {
    obs::Info("discovery works again", {{"rules", PathsOf(group)},
                                        {"seriesQuery", before.series_query}});
  }
  for (const std::size_t i : groups_[group]) {
    records[i].state.asked = true;
    records[i].state.error.clear();
    records[i].state.last_success = clock_.Now();
  }
}

Task<bool> Refresher::Impl::LookUp(Self self,
                                   std::optional<model::Resource> resource,
                                   std::string metric, TimePoint deadline) {
  const std::uint64_t before = self->generation;
  const std::set<Question> wanted =
      self->QuestionsFor(resource ? &*resource : nullptr, metric);
  const std::vector<Question> questions(wanted.begin(), wanted.end());
  std::function<Task<void>(std::size_t)> step = [self, questions,
                                                 deadline](std::size_t i) {
    return AskBefore(self, questions[i], deadline);
  };
  co_await ForEach(questions.size(), kAtOnce, std::move(step));
  co_return self->generation != before;
}

Task<void> Refresher::Impl::AskBefore(Self self, Question question,
                                      TimePoint deadline) {
  if (self->clock_.Now() >= deadline) co_return;
  Task<bool> answer = self->lookups_.Do(
      FlightKey(question), [self, question] { return Ask(self, question); });
  co_await Before(self->clock_, deadline, std::move(answer));
}

std::set<Question> Refresher::Impl::QuestionsFor(
    const model::Resource* resource, const std::string& metric) const {
  std::set<Question> questions;
  for (std::size_t group = 0; group < groups_.size(); ++group) {
    for (const std::size_t i : groups_[group]) {
      const rules::Rule& rule = *records[i].known.rule;
      if (rule.external() != (resource == nullptr)) continue;
      if (!rule.MayProduce(metric)) continue;
      std::set<std::string> labels;
      if (resource == nullptr) {
        labels.insert(kAnyLabel);
      } else {
        labels = LabelsOf(rule, *resource);
      }
      for (const std::string& label : labels) {
        const Question question{group, label};
        if (!IsFresh(question)) questions.insert(question);
      }
    }
  }
  return questions;
}

// The outcome is for all rules of the group, whatever metric was missed: what
// the backend said of the others is true as well.
Task<bool> Refresher::Impl::Ask(Self self, Question question) {
  ++self->lookups_made_;
  // Also when everybody who waits gives up: who asks with a short patience,
  // again and again, must not put the same question each time.
  struct Asked {
    Impl& impl;
    const Question& question;
    const TimePoint start;
    ~Asked() { impl.Remember(question, impl.clock_.Now() - start); }
  };
  const Asked asked{*self, question, self->clock_.Now()};
  Result<Survey> survey = co_await self->surveyor_.TakeLabel(
      self->RulesOf(question.group), question.label);
  if (!survey) {
    obs::Debug("lookup failed", {{"rules", self->PathsOf(question.group)},
                                 {"error", survey.error().message}});
    co_return false;
  }
  bool news = false;
  for (const std::size_t i : self->groups_[question.group]) {
    Record& record = self->records[i];
    const Part found = MakePart(*record.known.rule, *survey);
    Merge(record.found_meanwhile, found);
    news |= Merge(record.known.part, found);
  }
  if (news) self->Publish();
  co_return news;
}

void Refresher::Impl::Remember(const Question& question, Duration took) {
  // Whoever asks for metrics that do not exist must not keep a backend busy
  // that needs long to say so.
  const Duration pause =
      std::clamp(10 * took, options.miss_memory,
                 std::max(options.miss_memory, kLongestMissMemory));
  fresh_until_[question] = clock_.Now() + pause;
}

bool Refresher::Impl::IsFresh(const Question& question) const {
  const auto found = fresh_until_.find(question);
  return found != fresh_until_.end() && clock_.Now() < found->second;
}

void Refresher::Impl::Publish() {
  std::vector<const RulePart*> parts;
  for (const Record& record : records) parts.push_back(&record.known);
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
  for (Record& record : records) {
    record.state.metrics = entries[record.known.rule.get()];
  }
  if (SameContent(*current, assembly.catalog)) return;
  current = std::make_shared<const Catalog>(std::move(assembly.catalog));
  ++generation;
}

Refresher::Refresher(Options options,
                     std::shared_ptr<const rules::RuleSet> rules,
                     backend::Backend& backend, Clock& clock,
                     obs::Metrics& metrics)
    : impl_(std::make_shared<Impl>(options, std::move(rules), backend, clock,
                                   metrics)) {
  Impl::AddGauges(impl_, metrics);
}

Refresher::~Refresher() = default;

std::shared_ptr<const Catalog> Refresher::Current() const {
  return impl_->current;
}

std::shared_ptr<const rules::RuleSet> Refresher::rules() const {
  return impl_->rules;
}

bool Refresher::FirstRoundEnded() const { return impl_->first_round_ended; }

std::vector<RuleState> Refresher::RuleStates() const {
  std::vector<RuleState> states;
  for (const Record& record : impl_->records) states.push_back(record.state);
  return states;
}

std::uint64_t Refresher::generation() const { return impl_->generation; }

Task<bool> Refresher::LookUpCustom(const model::Resource& resource,
                                   std::string metric, TimePoint deadline) {
  return Impl::LookUp(impl_, resource, std::move(metric), deadline);
}

Task<bool> Refresher::LookUpExternal(std::string metric, TimePoint deadline) {
  return Impl::LookUp(impl_, std::nullopt, std::move(metric), deadline);
}

Task<void> Refresher::RunOnce() { return Impl::RunOnce(impl_); }

Task<void> Refresher::Run() { return Impl::Run(impl_); }

}  // namespace sextant::catalog
