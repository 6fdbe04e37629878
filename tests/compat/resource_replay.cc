#include "compat/resource_replay.h"

#include <boost/asio/io_context.hpp>
#include <cstdlib>
#include <utility>

#include "compat/fixtures.h"
#include "sextant/base/text.h"
#include "sextant/base/time_text.h"
#include "sextant/catalog/refresher.h"
#include "sextant/model/quantity.h"
#include "sextant/query/listers.h"
#include "support/compile_rules.h"
#include "support/fake_backend.h"
#include "support/fake_clock.h"
#include "support/run_task.h"

namespace sextant::compat {
namespace {

// The labels that the recorded rules have for it, and its value and time.
model::Sample ReadSample(const std::string& text) {
  const std::vector<std::string> words = Split(text, ' ');
  const std::vector<std::string> names = Split(words.at(0), '/');
  model::Sample sample;
  if (names.size() == 1) {
    sample.labels = {{"instance", names[0]}};
  } else {
    sample.labels = {{"namespace", names[0]}, {"pod", names[1]}};
    if (names.size() > 2) sample.labels["container"] = names[2];
  }
  sample.value = std::strtod(words.at(1).c_str(), nullptr);
  const int at = words.size() > 2 ? std::atoi(words[2].c_str() + 1) : 0;
  sample.time = TimePoint(std::chrono::milliseconds(at));
  return sample;
}

class UsageBackend final : public backend::Backend {
 public:
  Task<Result<std::vector<std::string>>> LabelValues(const std::string&,
                                                     backend::SeriesMatch,
                                                     TimePoint) override {
    co_return std::vector<std::string>();
  }
  Task<Result<std::vector<std::string>>> LabelNames(backend::SeriesMatch,
                                                    TimePoint) override {
    co_return std::vector<std::string>();
  }
  Task<Result<Done>> Series(backend::SeriesMatch, TimePoint,
                            backend::SeriesSink) override {
    co_return Done{};
  }
  Task<Result<model::QueryResult>> Query(const std::string& promql, TimePoint,
                                         TimePoint) override {
    queries.push_back(promql);
    if (mishap == ResourceReplay::Mishap::kError) {
      co_return Error{ErrorCode::kUnavailable, "500", ""};
    }
    model::QueryResult result;
    if (mishap == ResourceReplay::Mishap::kScalar) {
      result.type = model::QueryResult::Type::kScalar;
      co_return result;
    }
    const bool is_cpu = promql.find("cpu") != std::string::npos;
    const bool is_pods = promql.find("namespace=") != std::string::npos;
    for (const model::Sample& sample : is_cpu ? cpu : memory) {
      const auto ns = sample.labels.find("namespace");
      if (is_pods != (ns != sample.labels.end())) continue;
      if (is_pods && promql.find("namespace=\"" + ns->second + "\"") ==
                         std::string::npos) {
        continue;
      }
      result.samples.push_back(sample);
    }
    co_return result;
  }

  std::vector<model::Sample> cpu;
  std::vector<model::Sample> memory;
  ResourceReplay::Mishap mishap = ResourceReplay::Mishap::kNone;
  std::vector<std::string> queries;
};

}  // namespace

class ResourceReplay::Impl {
 public:
  explicit Impl(const std::string& rules)
      : catalog({}, CompileRuleText(rules, RestMapper()), backend, clock,
                metrics),
        engine({}, catalog, lister, backend, clock, metrics) {}

  boost::asio::io_context loop;
  FakeClock clock{loop};
  obs::Metrics metrics;
  UsageBackend backend;
  std::vector<query::FixedObjectLister::Object> objects;
  query::FixedObjectLister lister{{}};
  catalog::Refresher catalog;
  query::ResourceEngine engine;
};

ResourceReplay::ResourceReplay(const std::string& rules)
    : impl_(std::make_unique<Impl>(rules)) {}

ResourceReplay::~ResourceReplay() = default;

void ResourceReplay::AddPod(const std::string& ns, const std::string& name) {
  impl_->objects.push_back({{"", "pods"}, {ns, name}, {}});
  impl_->lister.Replace(impl_->objects);
}

void ResourceReplay::AddNode(const std::string& name) {
  impl_->objects.push_back({{"", "nodes"}, {"", name}, {}});
  impl_->lister.Replace(impl_->objects);
}

void ResourceReplay::AddCpu(const std::string& sample) {
  impl_->backend.cpu.push_back(ReadSample(sample));
}

void ResourceReplay::AddMemory(const std::string& sample) {
  impl_->backend.memory.push_back(ReadSample(sample));
}

void ResourceReplay::SetMishap(Mishap mishap) {
  impl_->backend.mishap = mishap;
}

Result<query::ResourceAnswer> ResourceReplay::Ask(
    query::ResourceRequest request) {
  return RunTask(impl_->loop, impl_->engine.Ask(
                                  std::move(request),
                                  impl_->clock.Now() + std::chrono::minutes(1)))
      .value();
}

const std::vector<std::string>& ResourceReplay::queries() const {
  return impl_->backend.queries;
}

std::vector<std::string> Lines(const query::ResourceAnswer& answer) {
  std::vector<std::string> lines;
  for (const query::ResourceUsage& item : answer.items) {
    const model::ObjectRef& ref = item.object.ref;
    std::string line = ref.namespace_.empty() ? "" : ref.namespace_ + "/";
    line += ref.name + " @" +
            std::to_string(item.time.time_since_epoch().count()) + " " +
            FormatGoDuration(answer.window);
    for (const query::Usage& usage : item.usages) {
      line += " " + usage.container + "=";
      line += usage.cpu_milli ? model::FormatMilli(*usage.cpu_milli) : "-";
      line += "/";
      line += usage.memory_milli ? model::FormatMilliBinary(*usage.memory_milli)
                                 : "-";
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace sextant::compat
