// A request asked for a metric that the catalog lacks: the questions that only
// the rules which could produce it put, once for all who miss the same.

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "assembly.h"
#include "refresher_impl.h"
#include "sextant/backend/failure.h"
#include "sextant/base/event.h"
#include "sextant/base/spawn.h"
#include "sextant/obs/log.h"

namespace sextant::catalog {
namespace {

constexpr Duration kLongestMissMemory = std::chrono::seconds(30);

std::string FlightKey(const Question& question) {
  return std::to_string(question.group->id) + " " + question.label;
}

}  // namespace

Task<bool> Refresher::Impl::LookUp(Self self,
                                   std::optional<model::Resource> resource,
                                   std::string metric, TimePoint deadline) {
  const std::uint64_t before = self->generation;
  std::shared_ptr<const rules::RuleSet> rules;
  do {
    rules = self->groups.rules();
    const std::set<Question> wanted =
        self->QuestionsFor(resource ? &*resource : nullptr, metric);
    const std::vector<Question> questions(wanted.begin(), wanted.end());
    co_await AskEach(self, questions, resource, metric, deadline);
    // Other rules have come meanwhile: they may have it.
  } while (rules != self->groups.rules() && self->clock_.Now() < deadline);
  co_return self->generation != before;
}

Task<void> Refresher::Impl::AskEach(Self self, std::vector<Question> questions,
                                    std::optional<model::Resource> resource,
                                    std::string metric, TimePoint deadline) {
  std::map<std::string, std::vector<Question>> by_backend;
  for (Question& question : questions) {
    by_backend[question.group->backend].push_back(std::move(question));
  }
  // What one backend has found is not kept back until a slower one answers.
  struct Shared {
    explicit Shared(const boost::asio::any_io_executor& executor)
        : news(executor) {}
    Event news;  // a backend is through
    std::size_t left = 0;
  };
  struct Parts {
    std::vector<Running> running;
    ~Parts() {
      for (Running& part : running) part.Cancel();
    }
  } parts;
  const auto executor = co_await boost::asio::this_coro::executor;
  const auto shared = std::make_shared<Shared>(executor);
  shared->left = by_backend.size();
  for (auto& [backend, some] : by_backend) {
    const std::size_t count = some.size();
    std::function<Task<void>(std::size_t)> step = [self, some = std::move(some),
                                                   deadline](std::size_t i) {
      return AskBefore(self, some[i], deadline);
    };
    parts.running.push_back(
        Spawn(executor, ForEach(count, kAtOnce, std::move(step)), [shared] {
          --shared->left;
          shared->news.Notify();
        }));
  }
  const auto found = [&] {
    return resource ? self->current->FindCustom(resource->group_resource(),
                                                metric) != nullptr
                    : self->current->FindExternal(metric) != nullptr;
  };
  const bool several = by_backend.size() > 1;
  while (shared->left > 0 && !(several && found())) {
    co_await shared->news.Wait();
  }
}

Task<void> Refresher::Impl::AskBefore(Self self, Question question,
                                      TimePoint deadline) {
  if (self->clock_.Now() >= deadline) co_return;
  Task<bool> answer = self->lookups_.Do(
      FlightKey(question), [self, question] { return Ask(self, question); });
  co_await Before(self->clock_, deadline, std::move(answer));
}

std::set<Question> Refresher::Impl::AllQuestionsFor(
    const model::Resource* resource, const std::string& metric) const {
  std::set<Question> questions;
  for (const auto& group : groups.groups()) {
    for (const auto& record : group->records) {
      const rules::Rule& rule = *record->known.rule;
      if (rule.external() != (resource == nullptr)) continue;
      if (!rule.MayProduce(metric)) continue;
      std::set<std::string> labels;
      if (resource == nullptr) {
        labels.insert(kAnyLabel);
      } else {
        labels = LabelsOf(rule, *resource);
      }
      for (const std::string& label : labels) questions.insert({group, label});
    }
  }
  return questions;
}

std::set<Question> Refresher::Impl::QuestionsFor(
    const model::Resource* resource, const std::string& metric) const {
  std::set<Question> questions = AllQuestionsFor(resource, metric);
  std::erase_if(questions, [this](const Question& question) {
    return IsFresh(*question.group, question.label);
  });
  return questions;
}

std::optional<Error> Refresher::Impl::WhyUnknown(
    const model::Resource* resource, const std::string& metric) const {
  for (const Question& question : AllQuestionsFor(resource, metric)) {
    const auto found = question.group->unheard.find(question.label);
    if (found != question.group->unheard.end()) return found->second;
  }
  return std::nullopt;
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
    ~Asked() {
      impl.Remember(*question.group, question.label, impl.clock_.Now() - start);
    }
  };
  const Asked asked{*self, question, self->clock_.Now()};
  Result<Survey> survey =
      co_await self->SurveyorOf(question.group->backend)
          .TakeLabel(question.group->Rules(), question.label);
  if (!survey && backend::IsFailure(survey.error())) {
    question.group->unheard.insert_or_assign(question.label, survey.error());
  } else {
    question.group->unheard.erase(question.label);
  }
  if (!survey) {
    obs::Debug("lookup failed", {{"rules", question.group->Paths()},
                                 {"error", survey.error().message}});
    co_return false;
  }
  if (question.group->retired) co_return false;
  bool news = false;
  for (const auto& record : question.group->records) {
    const Part found = MakePart(*record->known.rule, *survey);
    Merge(record->found_meanwhile, found);
    news |= Merge(record->known.part, found);
  }
  if (news) self->Publish();
  co_return news;
}

void Refresher::Impl::Remember(Group& group, const std::string& label,
                               Duration took) {
  // Whoever asks for metrics that do not exist must not keep a backend busy
  // that needs long to say so.
  const Duration pause =
      std::clamp(10 * took, options.miss_memory,
                 std::max(options.miss_memory, kLongestMissMemory));
  group.fresh_until[label] = clock_.Now() + pause;
}

bool Refresher::Impl::IsFresh(const Group& group,
                              const std::string& label) const {
  const auto found = group.fresh_until.find(label);
  return found != group.fresh_until.end() && clock_.Now() < found->second;
}

}  // namespace sextant::catalog
