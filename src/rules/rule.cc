#include "sextant/rules/rule.h"

#include <utility>

#include "field_reporter.h"
#include "label_mapping.h"
#include "query_template.h"
#include "series_naming.h"
#include "sextant/promql/for_metric.h"
#include "sextant/promql/selector.h"

namespace sextant::rules {

namespace {

// What an external rule without a mapping for namespaces narrows by.
constexpr const char* kNamespaceLabel = "namespace";

void WarnAboutLabels(const config::Rule& rule, bool external,
                     const LabelMapping& labels, const FieldReporter& report) {
  const config::Position at =
      rule.resources.at.line > 0 ? rule.resources.at : rule.at;
  const bool namespaced = rule.resources.namespaced.value_or(true);
  const bool maps_namespace =
      static_cast<bool>(labels.LabelFor(NamespaceResource()));
  if (external) {
    if (namespaced && !maps_namespace) {
      report.Warning(at, "resources", "namespace-label-assumed",
                     "no label names the namespace; the label \"namespace\" "
                     "is taken",
                     "map a label to `resource: namespace`, or set "
                     "`namespaced: false` if the series have none");
    }
    return;
  }
  if (!namespaced) {
    report.Warning(at, "resources.namespaced", "namespaced-without-effect",
                   "has no effect in `rules`, only in `externalRules`",
                   "leave it out");
  }
  if (!labels.has_template() && labels.override_labels().empty()) {
    report.Warning(at, "resources", "no-resources",
                   "no label names a resource, so the rule yields no metrics",
                   "give a `template` or `overrides`");
  } else if (!maps_namespace && labels.NamesNamespacedResources()) {
    report.Warning(at, "resources", "no-namespace",
                   "no label names the namespace, so every request for an "
                   "object in a namespace fails",
                   "map a label to `resource: namespace`");
  }
}

std::string BackendOf(const config::Rule& rule) {
  return rule.backend.value.empty() ? config::kDefaultBackend
                                    : rule.backend.value;
}

// Each text with its length before it, so that no two rules look the same.
std::string ContentOf(const config::Rule& rule, bool external) {
  std::string content = external ? "external" : "custom";
  const auto add = [&content](const std::string& text) {
    content += "," + std::to_string(text.size()) + ":" + text;
  };
  for (const auto& text : {rule.series_query, rule.name_matches, rule.name_as,
                           rule.metrics_query, rule.resources.template_}) {
    add(text.value);
  }
  add(BackendOf(rule));
  content += rule.nan == config::NanPolicy::kNone ? ",none" : ",zero";
  content += rule.resources.namespaced.value_or(true) ? ",true" : ",false";
  for (const config::SeriesFilter& filter : rule.series_filters) {
    content += ",filter";
    add(filter.is);
    add(filter.is_not);
  }
  for (const config::Override& one : rule.resources.overrides) {
    content += ",override";
    add(one.label);
    add(one.group);
    add(one.resource);
  }
  return content;
}

}  // namespace

class Rule::Impl {
 public:
  Impl(const config::Rule& rule, bool is_external,
       std::shared_ptr<const model::ResourceTable> table, SeriesNaming names,
       LabelMapping mapping, QueryTemplate query_template)
      : path(rule.path),
        series_query(rule.series_query.value),
        content(ContentOf(rule, is_external)),
        external(is_external),
        namespaced(rule.resources.namespaced.value_or(true)),
        nan(rule.nan),
        backend(BackendOf(rule)),
        resources(std::move(table)),
        naming(std::move(names)),
        labels(std::move(mapping)),
        query(std::move(query_template)),
        selector(promql::SeriesSelector::Parse(series_query)) {}

  Result<std::string> LabelFor(const model::Resource& resource) const {
    Result<std::string> label = labels.LabelFor(resource);
    const bool is_namespace =
        resource.group_resource() == NamespaceResource().group_resource();
    if (!label && external && is_namespace) {
      return std::string(kNamespaceLabel);
    }
    return label;
  }

  const std::string path;
  const std::string series_query;
  const std::string content;
  const bool external;
  const bool namespaced;
  const config::NanPolicy nan;
  const std::string backend;
  const std::shared_ptr<const model::ResourceTable> resources;
  const SeriesNaming naming;
  const LabelMapping labels;
  const QueryTemplate query;
  const std::optional<promql::SeriesSelector> selector;  // of series_query
};

std::shared_ptr<const Rule> Rule::Compile(
    const config::Rule& rule, bool external, const std::string& file,
    std::shared_ptr<const model::ResourceTable> resources,
    config::Problems& problems) {
  const FieldReporter report(file, rule.path, problems);
  std::optional<SeriesNaming> naming = SeriesNaming::Compile(rule, report);
  std::optional<LabelMapping> labels =
      LabelMapping::Compile(rule.resources, *resources, report);
  Result<QueryTemplate> query = QueryTemplate::Parse(rule.metrics_query.value);
  if (!query) {
    report.Error(rule.metrics_query.at, "metricsQuery", query.error().message);
  }
  if (!naming || !labels || !query) return nullptr;

  query->Lint(rule.metrics_query.at, "metricsQuery", report);
  if (rule.series_query.value.empty()) {
    report.Warning(rule.at, "seriesQuery", "no-series-query",
                   "is missing, and a backend refuses to list everything",
                   "write a selector such as {__name__=~\"^http_.*\"}");
  }
  if (rule.metrics_query.value.empty()) {
    report.Warning(rule.at, "metricsQuery", "no-metrics-query",
                   "is missing, so every request for these metrics fails",
                   "write for example sum(<<.Series>>{<<.LabelMatchers>>}) by "
                   "(<<.GroupBy>>)");
  }
  WarnAboutLabels(rule, external, *labels, report);
  return std::shared_ptr<const Rule>(new Rule(std::make_unique<Impl>(
      rule, external, std::move(resources), *std::move(naming),
      *std::move(labels), *std::move(query))));
}

Rule::Rule(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Rule::~Rule() = default;

const std::string& Rule::path() const { return impl_->path; }
const std::string& Rule::series_query() const { return impl_->series_query; }
const std::string& Rule::content() const { return impl_->content; }
bool Rule::external() const { return impl_->external; }
bool Rule::namespaced() const { return impl_->namespaced; }
config::NanPolicy Rule::nan() const { return impl_->nan; }
const std::string& Rule::backend() const { return impl_->backend; }

bool Rule::Accepts(std::string_view series_name) const {
  return impl_->naming.Accepts(series_name);
}

std::string Rule::MetricName(std::string_view series_name) const {
  return impl_->naming.NameFor(series_name);
}

bool Rule::MayProduce(std::string_view metric_name) const {
  return impl_->naming.MayYield(metric_name);
}

bool Rule::WritesIntoNames(std::string_view text) const {
  return impl_->naming.Writes(text);
}

std::string Rule::WhyNot(std::string_view series_name,
                         std::string_view metric_name) const {
  if (!MaySelect(impl_->series_query, series_name)) {
    return "seriesQuery does not select it";
  }
  return impl_->naming.WhyNot(series_name, metric_name);
}

const model::Resource* Rule::ResourceForLabel(std::string_view label) const {
  return impl_->labels.ResourceFor(label);
}

Result<std::string> Rule::LabelForResource(
    const model::Resource& resource) const {
  return impl_->LabelFor(resource);
}

const std::vector<std::string>& Rule::override_labels() const {
  return impl_->labels.override_labels();
}

bool Rule::has_label_template() const { return impl_->labels.has_template(); }

std::optional<std::string> Rule::SeriesWithLabel(std::string_view label) const {
  if (!impl_->selector) return std::nullopt;
  return impl_->selector->With(label, "!=", "");
}

std::optional<std::string> Rule::SeriesOf(const std::string& series_name,
                                          const std::string& namespace_) const {
  if (!impl_->selector) return std::nullopt;
  std::string series = impl_->series_query;
  const std::optional<std::string>& name = impl_->selector->metric_name();
  if (!name) {
    series = promql::ForMetric(*impl_->selector, series_name);
  } else if (*name != series_name) {
    return std::nullopt;
  }
  if (namespace_.empty()) return series;

  Result<std::string> label = impl_->LabelFor(NamespaceResource());
  const auto selector = promql::SeriesSelector::Parse(series);
  if (!label || !selector) return std::nullopt;
  return selector->With(*label, "=", namespace_);
}

Result<std::string> Rule::BuildQuery(const QueryInput& input) const {
  // What external metrics are is up to their rule; objects that live outside of
  // namespaces come without one.
  const bool with_namespace = !impl_->external || impl_->namespaced;
  Result<QueryData> data = BuildQueryData(
      input, with_namespace, [this](const model::Resource& resource) {
        return impl_->LabelFor(resource);
      });
  if (!data) return std::move(data).error();
  return impl_->query.Render(*data);
}

}  // namespace sextant::rules
