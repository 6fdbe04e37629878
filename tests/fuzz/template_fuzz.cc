// Whatever the bytes, reading them as a template and running it ends, soon and
// within its bounds.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "rules/template.h"
#include "rules/template_format.h"

namespace {

using sextant::rules::List;
using sextant::rules::Map;
using sextant::rules::Record;
using sextant::rules::Template;

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto parsed = Template::Parse("fuzz", text);
  if (!parsed) return 0;
  for (const auto& use : parsed->fields_of_data()) {
    if (use.at >= size) __builtin_trap();
  }
  Record record;
  record.fields = {{"Series", std::string("up")},
                   {"LabelMatchers", std::string("pod=~\"a|b\"")},
                   {"LabelValuesByName", Map{{"pod", "a|b"}}},
                   {"GroupBy", std::string("pod")},
                   {"GroupBySlice", List{"pod", "container"}}};
  const auto once = parsed->Render(record);
  const auto twice = parsed->Render(record);
  if (static_cast<bool>(once) != static_cast<bool>(twice)) __builtin_trap();
  if (once && (*once != *twice || once->size() > sextant::rules::kMaxText)) {
    __builtin_trap();
  }
  return 0;
}
