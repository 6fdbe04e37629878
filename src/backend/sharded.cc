#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "several.h"
#include "sextant/base/spawn.h"
#include "sextant/base/text.h"
#include "sextant/promql/split.h"

namespace sextant::backend {
namespace {

std::string InWords(const model::Labels& labels) {
  std::vector<std::string> parts;
  for (const auto& [name, value] : labels) {
    parts.push_back(name + "=" + GoQuote(value));
  }
  std::string text = "{" + Join(parts, ",") + "}";
  constexpr std::size_t kLongest = 200;
  if (text.size() > kLongest) text = text.substr(0, kLongest) + "...";
  return text;
}

Error NotProved(const std::vector<std::string>& sharded_by) {
  return {ErrorCode::kInvalidArgument,
          "the query cannot be put to several shards: it is not proved that no "
          "value mixes series of two of them; keep a label of shardedBy (" +
              Join(sharded_by, ", ") +
              ") in every aggregation and matching, or choose the backend of "
              "one shard",
          ""};
}

}  // namespace

ShardedBackend::ShardedBackend(std::vector<Member> members,
                               std::vector<std::string> sharded_by)
    : members_(std::move(members)), sharded_by_(std::move(sharded_by)) {}

Recognition ShardedBackend::recognised() const {
  return RecognisedOf(members_);
}

Task<Result<std::vector<std::string>>> ShardedBackend::LabelValues(
    const std::string& label, SeriesMatch match, TimePoint deadline) {
  return Union([label, match = std::move(match), deadline](Backend& shard) {
    return shard.LabelValues(label, match, deadline);
  });
}

Task<Result<std::vector<std::string>>> ShardedBackend::LabelNames(
    SeriesMatch match, TimePoint deadline) {
  return Union([match = std::move(match), deadline](Backend& shard) {
    return shard.LabelNames(match, deadline);
  });
}

Task<Result<Done>> ShardedBackend::Series(SeriesMatch match, TimePoint deadline,
                                          SeriesSink sink) {
  return All([match = std::move(match), deadline,
              sink = std::move(sink)](Backend& shard) {
    return shard.Series(match, deadline, sink);
  });
}

Task<Result<model::QueryResult>> ShardedBackend::Query(
    const std::string& promql, TimePoint time, TimePoint deadline) {
  return Merged(promql, time, deadline);
}

template <typename T>
Task<Result<std::vector<T>>> ShardedBackend::AskAll(
    std::function<Task<Result<T>>(Backend&)> put) {
  struct Answers {
    std::function<Task<Result<T>>(Backend&)> put;
    std::vector<std::optional<Result<T>>> of_shards;
  };
  auto answers = std::make_shared<Answers>();
  answers->put = std::move(put);
  answers->of_shards.resize(members_.size());
  const auto one = [](std::shared_ptr<Answers> all, Backend* shard,
                      std::size_t place) -> Task<void> {
    Result<T> answer = co_await all->put(*shard);
    all->of_shards[place].emplace(std::move(answer));
  };
  std::function<Task<void>(std::size_t)> step = [this, one,
                                                 answers](std::size_t i) {
    return one(answers, members_[i].backend, i);
  };
  co_await ForEach(members_.size(), members_.size(), std::move(step));
  std::vector<T> parts;
  for (std::size_t i = 0; i < members_.size(); ++i) {
    Result<T>& answer = *answers->of_shards[i];
    if (!answer) {
      co_return Error(answer.error()).Within("shard " + members_[i].name);
    }
    parts.push_back(*std::move(answer));
  }
  co_return parts;
}

Task<Result<std::vector<std::string>>> ShardedBackend::Union(
    std::function<Task<Result<std::vector<std::string>>>(Backend&)> put) {
  const Result<std::vector<std::vector<std::string>>> parts =
      co_await AskAll<std::vector<std::string>>(std::move(put));
  if (!parts) co_return parts.error();
  std::vector<std::string> all;
  for (const std::vector<std::string>& part : *parts) {
    all.insert(all.end(), part.begin(), part.end());
  }
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  co_return all;
}

Task<Result<Done>> ShardedBackend::All(
    std::function<Task<Result<Done>>(Backend&)> put) {
  const Result<std::vector<Done>> parts = co_await AskAll<Done>(std::move(put));
  if (!parts) co_return parts.error();
  co_return Done{};
}

Task<Result<model::QueryResult>> ShardedBackend::Merged(std::string promql,
                                                        TimePoint time,
                                                        TimePoint deadline) {
  const bool proved = std::any_of(sharded_by_.begin(), sharded_by_.end(),
                                  [&](const std::string& label) {
                                    return promql::CanSplitBy(promql, label);
                                  });
  if (!proved) co_return NotProved(sharded_by_);
  std::function<Task<Result<model::QueryResult>>(Backend&)> put =
      [promql, time, deadline](Backend& shard) {
        return shard.Query(promql, time, deadline);
      };
  Result<std::vector<model::QueryResult>> parts =
      co_await AskAll<model::QueryResult>(std::move(put));
  if (!parts) co_return std::move(parts).error();
  model::QueryResult merged;
  merged.null = true;
  std::map<model::Labels, std::size_t> seen;  // in which shard
  for (std::size_t i = 0; i < parts->size(); ++i) {
    model::QueryResult& part = (*parts)[i];
    if (part.type != model::QueryResult::Type::kVector) {
      co_return Error{ErrorCode::kInvalidArgument,
                      "shard " + members_[i].name +
                          ": the answer is no vector, and only vectors of "
                          "several shards can be put together",
                      ""};
    }
    merged.null = merged.null && part.null;
    for (model::Sample& sample : part.samples) {
      const auto [before, first] = seen.emplace(sample.labels, i);
      // Twice in one shard is for those who read the answer.
      if (!first && before->second != i) {
        co_return Error{ErrorCode::kInvalidArgument,
                        "the shards " + members_[before->second].name +
                            " and " + members_[i].name +
                            " both have a value for " + InWords(sample.labels) +
                            "; shardedBy must name labels of which no value "
                            "is in two shards",
                        ""};
      }
      merged.samples.push_back(std::move(sample));
    }
    for (std::string& warning : part.warnings) {
      merged.warnings.push_back(members_[i].name + ": " + std::move(warning));
    }
  }
  co_return merged;
}

}  // namespace sextant::backend
