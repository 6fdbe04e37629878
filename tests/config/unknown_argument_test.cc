#include "config/unknown_argument.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "config/flag_table.h"

namespace sextant::config {
namespace {

using Arguments = std::vector<std::string>;

TEST(ComplainOfUnknown, SaysWhatWasMeant) {
  const struct {
    Arguments arguments;
    std::string want;
  } cases[] = {
      {{}, ""},
      {{"--prometheus-ulr=http://p"},
       "unknown flag: --prometheus-ulr; did you mean --prometheus-url?"},
      {{"--metrics_relist_interval=1m"},
       "unknown flag: --metrics_relist_interval; write "
       "--metrics-relist-interval=TIME"},
      {{"-config=c"}, "unknown flag: -config; write --config=FILE"},
      {{"-standalone"}, "unknown flag: -standalone; write --standalone"},
      {{"---config=c"}, "unknown flag: ---config; write --config=FILE"},
      {{"--enable-external-metrics"},
       "unknown flag: --enable-external-metrics; --help lists the flags"},
      {{"-c", "x"}, "unknown flag: -c; --help lists the flags"},
      {{"--=x"}, "unknown flag: --; --help lists the flags"},
      // What follows may be a secret.
      {{"--prometheus-headers", "Authorization=Bearer abc"},
       "unknown flag: --prometheus-headers; did you mean --prometheus-header?"},
      {{"--prometheus-headers=Authorization=Bearer abc"},
       "unknown flag: --prometheus-headers; did you mean --prometheus-header?"},
      {{"rules.yaml", "false", "-", "", "--"},
       "unexpected argument \"rules.yaml\"\n"
       "unexpected argument \"false\"; write --FLAG=false\n"
       "unexpected argument \"-\"\n"
       "unexpected argument \"\"\n"
       "unexpected argument \"--\""},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(::testing::PrintToString(c.arguments));
    Complaints complaints;
    ComplainOfUnknown(c.arguments, FlagTable(), complaints);
    EXPECT_EQ(complaints.ToError().message, c.want);
  }
}

}  // namespace
}  // namespace sextant::config
