#include "compat/replay.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "compat/vectors.h"
#include "sextant/backend/prometheus.h"
#include "sextant/base/text.h"
#include "sextant/base/time_text.h"
#include "sextant/catalog/refresher.h"
#include "sextant/model/quantity.h"
#include "sextant/promql/selector.h"
#include "sextant/query/engine.h"
#include "sextant/query/listers.h"
#include "support/compile_rules.h"
#include "support/fake_clock.h"
#include "support/fake_http_client.h"
#include "support/launch_task.h"
#include "support/run_task.h"

namespace sextant::compat {
namespace {

int HttpStatus(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
      return 400;
    case ErrorCode::kNotFound:
      return 404;
    case ErrorCode::kDeadlineExceeded:
      return 504;
    case ErrorCode::kUnavailable:
      return 503;
    default:
      return 500;
  }
}

// Discovery as recorded, queries by the real backend.
class RecordedBackend final : public backend::Backend {
 public:
  explicit RecordedBackend(backend::Backend& queries) : queries_(queries) {}

  void Record(const std::string& series_query,
              const std::vector<model::Labels>& series) {
    const auto selector = promql::SeriesSelector::Parse(series_query);
    for (const model::Labels& labels : series) {
      const std::string& name = labels.at("__name__");
      names_[series_query].insert(name);
      for (const auto& [label, value] : labels) {
        labels_[series_query].insert(label);
        if (!selector) continue;
        names_[selector->With(label, "!=", "")].insert(name);
      }
    }
  }

  Task<Result<std::vector<std::string>>> LabelValues(const std::string&,
                                                     backend::SeriesMatch match,
                                                     TimePoint) override {
    const std::set<std::string>& names = names_[match.selector];
    co_return std::vector<std::string>(names.begin(), names.end());
  }
  Task<Result<std::vector<std::string>>> LabelNames(backend::SeriesMatch match,
                                                    TimePoint) override {
    const std::set<std::string>& labels = labels_[match.selector];
    co_return std::vector<std::string>(labels.begin(), labels.end());
  }
  Task<Result<Done>> Series(backend::SeriesMatch match, TimePoint,
                            backend::SeriesSink) override {
    ADD_FAILURE() << "nothing was recorded for " << match.selector;
    co_return Done{};
  }
  Task<Result<model::QueryResult>> Query(const std::string& promql,
                                         TimePoint time,
                                         TimePoint deadline) override {
    asked = promql;
    return queries_.Query(promql, time, deadline);
  }

  std::string asked;

 private:
  backend::Backend& queries_;
  std::map<std::string, std::set<std::string>> names_;   // by selector
  std::map<std::string, std::set<std::string>> labels_;  // by selector
};

// FixedObjectLister, of objects that may still be added.
class GrowingLister final : public model::ObjectLister {
 public:
  Task<Result<std::vector<std::string>>> List(
      const model::ListRequest& request) override {
    fixed_ = std::make_unique<query::FixedObjectLister>(objects);
    return fixed_->List(request);
  }
  Task<Result<std::vector<model::ObjectMetadata>>> ListMetadata(
      const model::ListRequest& request) override {
    fixed_ = std::make_unique<query::FixedObjectLister>(objects);
    return fixed_->ListMetadata(request);
  }
  std::vector<query::FixedObjectLister::Object> objects;

 private:
  std::unique_ptr<query::FixedObjectLister> fixed_;
};

std::string LabelsText(const model::Labels& labels) {
  std::vector<std::string> parts;
  for (const auto& [name, value] : labels) {
    parts.push_back(name + "=" + GoQuote(value));
  }
  return "{" + Join(parts, ",") + "}";
}

std::string LabelsText(const YAML::Node& map) {
  if (map.IsNull()) return "null";
  model::Labels labels;
  for (const auto& entry : map) {
    labels[entry.first.Scalar()] = entry.second.Scalar();
  }
  return LabelsText(labels);
}

}  // namespace

std::string CustomItem(const std::string& kind, const std::string& ns,
                       const std::string& name, const std::string& api_version,
                       const std::string& value) {
  const std::string place = ns.empty() ? "" : ns + "/";
  return kind + " " + place + name + " (" + api_version + ") = " + value;
}

std::string ExternalItem(const std::string& labels, const std::string& time,
                         const std::string& value) {
  return labels + " " + time + " = " + value;
}

std::string RecordedCustomItems(const YAML::Node& items) {
  std::vector<std::string> lines;
  for (const YAML::Node& item : items) {
    const YAML::Node object = item["describedObject"];
    lines.push_back(CustomItem(Text(object, "kind"), Text(object, "namespace"),
                               Text(object, "name"), Text(object, "apiVersion"),
                               Text(item, "value")));
  }
  return Lines(lines);
}

std::string RecordedExternalItems(const YAML::Node& items) {
  std::vector<std::string> lines;
  for (const YAML::Node& item : items) {
    lines.push_back(ExternalItem(LabelsText(item["metricLabels"]),
                                 Text(item, "timestamp"), Text(item, "value")));
  }
  return Lines(lines);
}

std::string Lines(const std::vector<std::string>& lines) {
  return Join(lines, "\n");
}

std::string SortedLines(const YAML::Node& list) {
  std::vector<std::string> lines;
  for (const YAML::Node& line : list) lines.push_back(line.Scalar());
  std::sort(lines.begin(), lines.end());
  return Lines(lines);
}

std::vector<model::Labels> ReadSeries(const YAML::Node& list) {
  std::vector<model::Labels> series;
  for (const YAML::Node& one : list) {
    model::Labels labels;
    const bool nested = Has(one, "labels");
    const YAML::Node map = nested ? one["labels"] : one;
    for (const auto& entry : map) {
      labels[entry.first.Scalar()] = entry.second.Scalar();
    }
    if (nested) labels["__name__"] = Text(one, "name");
    series.push_back(std::move(labels));
  }
  return series;
}

std::string ToJson(const YAML::Node& node) {
  std::vector<std::string> parts;
  if (node.IsSequence()) {
    for (const YAML::Node& one : node) parts.push_back(ToJson(one));
    return "[" + Join(parts, ",") + "]";
  }
  if (node.IsMap()) {
    for (const auto& entry : node) {
      parts.push_back(nlohmann::json(entry.first.Scalar()).dump() + ":" +
                      ToJson(entry.second));
    }
    return "{" + Join(parts, ",") + "}";
  }
  if (node.IsNull()) return "null";
  const bool quoted = node.Tag() == "!";
  if (!quoted && nlohmann::json::accept(node.Scalar())) return node.Scalar();
  return nlohmann::json(node.Scalar()).dump();
}

class Replay::Impl {
 public:
  Impl(const std::string& rules,
       std::shared_ptr<const model::ResourceTable> resources)
      : refresher({}, CompileRuleText(rules, std::move(resources)), recorded,
                  clock, metrics),
        engine({}, refresher, lister, recorded, clock, metrics) {}

  static backend::PrometheusBackend::Options Prometheus() {
    backend::PrometheusBackend::Options options;
    options.dialect = &backend::PrometheusDialect();
    options.url = *net::Url::Parse("http://prometheus:9090");
    return options;
  }

  TimePoint Deadline() const { return clock.Now() + std::chrono::minutes(1); }

  boost::asio::io_context loop;
  FakeClock clock{loop};
  obs::Metrics metrics;
  FakeHttpClient http;
  backend::PrometheusBackend prometheus{Prometheus(), http, clock, metrics};
  RecordedBackend recorded{prometheus};
  GrowingLister lister;
  catalog::Refresher refresher;
  query::Engine engine;
};

Replay::Replay(const std::string& rules,
               std::shared_ptr<const model::ResourceTable> resources)
    : impl_(std::make_unique<Impl>(rules, std::move(resources))) {
  Answer(R"({"resultType":"vector","result":[]})");
}

Replay::~Replay() = default;

const rules::RuleSet& Replay::rules() const {
  return *impl_->refresher.rules();
}

void Replay::Record(const std::string& series_query,
                    const std::vector<model::Labels>& series) {
  impl_->recorded.Record(series_query, series);
}

void Replay::Discover() {
  Task<bool> round = Finished(impl_->refresher.RunOnce());
  EXPECT_TRUE(RunTask(impl_->loop, std::move(round)).has_value());
}

std::vector<std::string> Replay::Listing() const {
  std::vector<std::string> lines;
  const auto catalog = impl_->refresher.Current();
  for (const auto& [key, metric] : catalog->custom()) {
    lines.push_back(key.first + "/" + key.second + " namespaced=" +
                    (metric.resource->namespaced ? "true" : "false"));
  }
  for (const auto& [name, metric] : catalog->external()) lines.push_back(name);
  std::sort(lines.begin(), lines.end());
  return lines;
}

void Replay::AddObject(const std::string& resource, const std::string& ns,
                       const std::string& name, const model::Labels& labels) {
  const model::Resource* found =
      rules().resources->Find(model::GroupResource::Parse(resource));
  if (found == nullptr) {
    ADD_FAILURE() << "no resource " << resource;
    return;
  }
  impl_->lister.objects.push_back(
      {found->group_resource(), {ns, name}, labels});
}

void Replay::ForgetObjects() { impl_->lister.objects.clear(); }

void Replay::Answer(const std::string& data) {
  FakeReply reply;
  reply.body = "{\"status\":\"success\",\"data\":" + data + "}";
  impl_->http.Answer("/api/v1/query", reply);
}

namespace {

// False for an answer that failed, which the reply then says, or never came.
template <typename T>
bool Succeeded(const std::optional<Result<T>>& answer, Reply& reply) {
  if (!answer.has_value()) {
    ADD_FAILURE() << "no answer";
    return false;
  }
  if (*answer) return true;
  reply.status = HttpStatus(answer->error().code);
  reply.message = answer->error().message;
  return false;
}

}  // namespace

Reply Replay::AskCustom(const std::string& resource, const std::string& ns,
                        const std::string& name, const std::string& metric,
                        const std::string& object_selector,
                        const std::string& metric_selector) {
  const auto objects = model::Selector::Parse(object_selector);
  const auto series = model::Selector::Parse(metric_selector);
  Reply reply;
  if (!objects || !series) {
    ADD_FAILURE() << "bad selector";
    return reply;
  }
  query::CustomRequest request;
  request.resource = resource;
  request.namespace_ = ns;
  request.name = name;
  request.metric = metric;
  request.object_selector = *objects;
  request.metric_selector = *series;

  impl_->recorded.asked.clear();
  const auto answer =
      RunTask(impl_->loop, impl_->engine.Custom(request, impl_->Deadline()));
  reply.promql = impl_->recorded.asked;
  if (Succeeded(answer, reply)) {
    reply.custom = **answer;
    for (const query::ObjectValue& item : reply.custom) {
      const std::string api_version =
          item.resource.group + "/" + item.resource.version;
      reply.items.push_back(CustomItem(item.resource.kind, item.namespace_,
                                       item.name, api_version,
                                       model::FormatMilli(item.milli)));
    }
  }
  return reply;
}

Reply Replay::AskExternal(const std::string& ns, const std::string& metric,
                          const std::string& selector) {
  const auto series = model::Selector::Parse(selector);
  Reply reply;
  if (!series) {
    ADD_FAILURE() << "bad selector";
    return reply;
  }
  query::ExternalRequest request;
  request.namespace_ = ns;
  request.metric = metric;
  request.selector = *series;

  impl_->recorded.asked.clear();
  const auto answer =
      RunTask(impl_->loop, impl_->engine.External(request, impl_->Deadline()));
  reply.promql = impl_->recorded.asked;
  if (Succeeded(answer, reply)) {
    reply.external = **answer;
    for (const query::ExternalValue& item : reply.external) {
      reply.items.push_back(ExternalItem(
          item.labels ? LabelsText(*item.labels) : "null",
          FormatRfc3339(item.time), model::FormatMilli(item.milli)));
    }
  }
  return reply;
}

}  // namespace sextant::compat
