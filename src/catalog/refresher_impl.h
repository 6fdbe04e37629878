// What is behind a Refresher: refresher.cc has the rounds, lookup.cc what a
// request that misses asks in between.

#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "rule_groups.h"
#include "sextant/base/single_flight.h"
#include "sextant/catalog/refresher.h"
#include "survey.h"

namespace sextant::catalog {

inline constexpr std::size_t kAtOnce = 4;  // questions or groups of rules

// Which series of a group of rules carry a label?
struct Question {
  std::shared_ptr<Group> group;
  std::string label;

  friend bool operator<(const Question& a, const Question& b) {
    return std::tie(a.group->id, a.label) < std::tie(b.group->id, b.label);
  }
};

class Refresher::Impl {
 public:
  using Self = std::shared_ptr<Impl>;

  Impl(Options options, std::shared_ptr<const rules::RuleSet> rules,
       backend::Backends backends, Clock& clock, obs::Metrics& metrics);

  // The Tasks are static and hold the object themselves.
  static Task<void> RunOnce(Self self);
  static Task<void> Run(Self self);
  static Task<void> AskAll(Self self,
                           std::vector<std::shared_ptr<Group>> asked);
  // `resource` is empty for external metrics.
  static Task<bool> LookUp(Self self, std::optional<model::Resource> resource,
                           std::string metric, TimePoint deadline);

  std::optional<Error> WhyUnknown(const model::Resource* resource,
                                  const std::string& metric) const;

  static void AddGauges(const Self& self, obs::Metrics& metrics);

  // Takes over another configuration; gives the groups that were never asked.
  std::vector<std::shared_ptr<Group>> Replace(
      std::shared_ptr<const rules::RuleSet> rules);

  const Options options;
  RuleGroups groups;
  std::shared_ptr<const Catalog> current = std::make_shared<Catalog>();
  std::uint64_t generation = 0;
  // When the last round of each backend ended, by its name.
  std::map<std::string, TimePoint> last_rounds;

  bool FirstRoundEnded() const;
  // Of the backend that is furthest behind; nothing if one has had none.
  std::optional<TimePoint> LastRound() const;

 private:
  std::uint64_t& ErrorsOf(const std::string& path);
  // The rounds of one backend, until it has no rules any more.
  static Task<void> RunBackend(Self self, std::string backend);
  static Task<void> RoundOf(Self self, std::string backend);
  static Task<void> AskSome(Self self,
                            std::vector<std::shared_ptr<Group>> asked);
  static Task<void> AskFailedAgain(Self self, std::string backend,
                                   TimePoint until);
  std::set<std::string> Backends() const;  // that rules name
  std::vector<std::shared_ptr<Group>> GroupsOf(
      const std::string& backend) const;
  Surveyor& SurveyorOf(const std::string& backend);
  // Those whose failure may have passed, the ones behind `last` first.
  std::vector<std::shared_ptr<Group>> FailedBehind(const std::string& backend,
                                                   std::uint64_t last) const;
  static Task<void> RefreshGroup(Self self, std::shared_ptr<Group> group);
  static Task<void> AskEach(Self self, std::vector<Question> questions,
                            std::optional<model::Resource> resource,
                            std::string metric, TimePoint deadline);
  static Task<void> AskBefore(Self self, Question question, TimePoint deadline);
  static Task<bool> Ask(Self self, Question question);
  // What rules that could have the metric want to know, and of that what
  // nobody has asked lately.
  std::set<Question> AllQuestionsFor(const model::Resource* resource,
                                     const std::string& metric) const;
  std::set<Question> QuestionsFor(const model::Resource* resource,
                                  const std::string& metric) const;
  void NoteFailure(Group& group, const Error& error);
  void NoteSuccess(Group& group);
  void Remember(Group& group, const std::string& label, Duration took);
  bool IsFresh(const Group& group, const std::string& label) const;
  void Publish();

  Clock& clock_;
  obs::Metrics& metrics_;
  const backend::Backends backends_;
  // Made when they are first asked.
  std::map<std::string, std::unique_ptr<Surveyor>> surveyors_;
  std::optional<TimePoint> first_end_;  // of the first round of any backend
  SingleFlight<std::string, bool> lookups_;
  std::set<std::pair<std::string, std::string>> overlaps_warned_about_;
  std::uint64_t& rounds_;
  std::uint64_t& lookups_made_;
};

}  // namespace sextant::catalog
