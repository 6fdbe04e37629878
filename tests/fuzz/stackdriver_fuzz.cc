// A metric's name and a selector from a client, one on the first line and the
// other behind it: whatever comes, the query that is made of them is about the
// series that the name says, and about no other.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "sextant/promql/facts.h"
#include "sextant/rules/stackdriver.h"

namespace {

using sextant::rules::QueryInput;
using sextant::rules::Stackdriver;

void Check(const sextant::Result<Stackdriver::Metric>& metric,
           std::string_view name, QueryInput input) {
  if (!metric) {
    if (metric.error().message.empty()) std::abort();
    return;
  }
  if (name.find(metric->series.substr(0, metric->series.rfind('_'))) ==
      std::string_view::npos) {
    std::abort();
  }
  if (!metric->rule->Accepts(metric->series) ||
      metric->rule->MetricName(metric->series) != name) {
    std::abort();
  }
  input.requirements = metric->requirements;
  const auto query = metric->rule->BuildQuery(input);
  if (!query) std::abort();
  const auto facts = sextant::promql::Examine(*query);
  if (!facts) return;  // labels and names of Prometheus 3
  const bool mean = facts->selectors.size() == 4;
  for (const auto& selector : facts->selectors) {
    if (!selector.name) std::abort();
    if (!mean && *selector.name != metric->series) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t end = text.find('\n');
  const std::string name(text.substr(0, end));
  const auto selector = sextant::model::Selector::Parse(
      end == std::string_view::npos ? "" : text.substr(end + 1));
  if (!selector) return 0;
  static const auto table =
      std::make_shared<const sextant::model::ResourceTable>(
          sextant::model::ResourceTable::BuiltIn());
  static const Stackdriver preset({}, table);

  Check(preset.ForExternal(name, *selector), name, {});
  QueryInput input;
  input.resource = table->Find("", "pods");
  input.namespace_ = "shop";
  input.names = {"web-0", "web-1"};
  Check(preset.ForObjects(name, *input.resource, *selector), name, input);
  return 0;
}
