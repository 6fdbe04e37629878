#include "sextant/rules/resource_rules.h"

#include <utility>

#include "field_reporter.h"
#include "label_mapping.h"
#include "query_template.h"
#include "sextant/base/text.h"
#include "sextant/promql/facts.h"
#include "sextant/promql/quote.h"

namespace sextant::rules {
namespace {

std::optional<QueryTemplate> ParseQuery(
    const config::Located<std::string>& query, const std::string& field,
    const FieldReporter& report) {
  Result<QueryTemplate> parsed = QueryTemplate::Parse(query.value);
  if (!parsed) {
    report.Error(query.at, field, parsed.error().message);
    return std::nullopt;
  }
  parsed->Lint(query.at, field, report);
  return *std::move(parsed);
}

// Some selector of the query must hold all of `wanted`, which is what the
// template puts in; without another selector's matchers it says which objects
// there are.
std::optional<std::string> SelectorWith(
    const promql::QueryFacts& facts,
    const std::vector<promql::Matcher>& wanted) {
  const auto holds = [](const promql::QueryFacts::Selector& selector,
                        const promql::Matcher& matcher) {
    for (const promql::Matcher& its : selector.matchers) {
      if (its == matcher) return true;
    }
    return false;
  };
  for (const promql::QueryFacts::Selector& selector : facts.selectors) {
    bool all = true;
    for (const promql::Matcher& matcher : wanted) {
      all = all && holds(selector, matcher);
    }
    if (!all) continue;
    std::vector<std::string> parts;
    if (selector.name) {
      parts.push_back("__name__=" + promql::QuoteValue(*selector.name));
    }
    for (const promql::Matcher& its : selector.matchers) {
      parts.push_back(promql::QuoteLabelName(its.label) + its.op +
                      promql::QuoteValue(its.value));
    }
    return "{" + Join(parts, ",") + "}";
  }
  return std::nullopt;
}

}  // namespace

const model::Resource& ResourceOf(Measured what) {
  static const model::Resource pods = {"", "v1", "pods", "pod", "Pod", true};
  static const model::Resource nodes = {"",     "v1",   "nodes",
                                        "node", "Node", false};
  return what == Measured::kPods ? pods : nodes;
}

class ResourceRule::Impl {
 public:
  Impl(const config::ResourceRule& rule,
       std::shared_ptr<const model::ResourceTable> table, LabelMapping mapping,
       QueryTemplate containers, QueryTemplate nodes)
      : path(rule.path),
        container_label(rule.container_label),
        resources(std::move(table)),
        labels(std::move(mapping)),
        container_query(std::move(containers)),
        node_query(std::move(nodes)) {}

  // The query for what the matchers of `input` select.
  Result<std::string> Render(Measured what, QueryInput input) const {
    input.resource = &ResourceOf(what);
    if (what == Measured::kPods) input.extra_group_by = {container_label};
    Result<QueryData> data = Data(input);
    if (!data) return std::move(data).error();
    return QueryOf(what).Render(*data);
  }

  Result<QueryData> Data(const QueryInput& input) const {
    return BuildQueryData(input, true, [this](const model::Resource& resource) {
      return labels.LabelFor(resource);
    });
  }

  const QueryTemplate& QueryOf(Measured what) const {
    return what == Measured::kPods ? container_query : node_query;
  }

  const std::string path;
  const std::string container_label;
  const std::shared_ptr<const model::ResourceTable> resources;
  const LabelMapping labels;  // refers to resources
  const QueryTemplate container_query;
  const QueryTemplate node_query;
};

std::shared_ptr<const ResourceRule> ResourceRule::Compile(
    const config::ResourceRule& rule, const std::string& file,
    std::shared_ptr<const model::ResourceTable> resources,
    config::Problems& problems) {
  const FieldReporter report(file, rule.path, problems);
  std::optional<LabelMapping> labels =
      LabelMapping::Compile(rule.resources, *resources, report);
  std::optional<QueryTemplate> containers =
      ParseQuery(rule.container_query, "containerQuery", report);
  std::optional<QueryTemplate> nodes =
      ParseQuery(rule.node_query, "nodeQuery", report);
  if (!labels || !containers || !nodes) return nullptr;
  return std::shared_ptr<const ResourceRule>(new ResourceRule(
      std::make_unique<Impl>(rule, std::move(resources), *std::move(labels),
                             *std::move(containers), *std::move(nodes))));
}

ResourceRule::ResourceRule(std::unique_ptr<Impl> impl)
    : impl_(std::move(impl)) {}
ResourceRule::~ResourceRule() = default;

const std::string& ResourceRule::path() const { return impl_->path; }

const std::string& ResourceRule::container_label() const {
  return impl_->container_label;
}

Result<std::string> ResourceRule::LabelFor(Measured what) const {
  return impl_->labels.LabelFor(ResourceOf(what));
}

Result<std::string> ResourceRule::NamespaceLabel() const {
  return impl_->labels.LabelFor(NamespaceResource());
}

Result<std::string> ResourceRule::BuildQuery(
    Measured what, const std::string& namespace_,
    const std::vector<std::string>& names) const {
  QueryInput input;
  input.namespace_ = namespace_;
  input.names = names;
  return impl_->Render(what, std::move(input));
}

std::optional<std::string> ResourceRule::SeriesOf(
    Measured what, const std::string& namespace_) const {
  const Result<std::string> label = LabelFor(what);
  if (!label) return std::nullopt;
  // A name that no object has stands for "any": it is found in the text, and
  // put right there.
  constexpr const char* kAnyObject = "*";
  QueryInput input;
  input.namespace_ = namespace_;
  input.names = {kAnyObject};
  const Result<std::string> query = impl_->Render(what, std::move(input));
  if (!query) return std::nullopt;
  std::optional<promql::QueryFacts> facts = promql::Examine(*query);
  if (!facts) return std::nullopt;
  const promql::Matcher any = {*label, "=", kAnyObject};
  const promql::Matcher present = {*label, "!=", ""};
  for (promql::QueryFacts::Selector& selector : facts->selectors) {
    for (promql::Matcher& matcher : selector.matchers) {
      if (matcher == any) matcher = present;
    }
  }
  std::vector<promql::Matcher> wanted = {present};
  if (!namespace_.empty()) {
    const Result<std::string> namespaces = NamespaceLabel();
    if (!namespaces) return std::nullopt;
    wanted.push_back({*namespaces, "=", namespace_});
  }
  return SelectorWith(*facts, wanted);
}

}  // namespace sextant::rules
