#include "sextant/obs/process.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace sextant::obs {
namespace {

TEST(Process, ReadsTheLineOfTheKernel) {
  const struct {
    const char* line;
    ProcessStat want;
  } kCases[] = {
      {"4711 (sextant) S 1 4711 4711 0 -1 4194560 2096 0 3 0 150 50 7 8 20 0 1 "
       "0 987654 23068672 1234 18446744073709551615 1 1",
       {200, 987654, 23068672, 1234}},
      {"1 (a) b (c) R 1 2 3 0 -1 4 5 0 6 0 1 2 7 8 20 0 1 0 10 20 30",
       {3, 10, 20, 30}},
      {"1 (short) R 1 2 3", {}},
      {"", {}},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.line);
    EXPECT_EQ(ParseProcessStat(c.line), c.want);
  }
}

TEST(Process, ShowsWhatEveryClientLibraryDoes) {
  Metrics metrics;
  AddProcessMetrics(metrics);
  const std::string text = metrics.Text();
  for (const char* type :
       {"process_cpu_seconds_total counter", "process_max_fds gauge",
        "process_open_fds gauge", "process_resident_memory_bytes gauge",
        "process_start_time_seconds gauge",
        "process_virtual_memory_bytes gauge"}) {
    EXPECT_THAT(text, testing::HasSubstr(std::string("# TYPE ") + type + "\n"));
  }
  // This process has memory, files and a beginning.
  EXPECT_THAT(text, testing::Not(testing::ContainsRegex(
                        "\nprocess_(max_fds|open_fds|resident_memory_bytes|"
                        "start_time_seconds|virtual_memory_bytes) 0\n")));
}

}  // namespace
}  // namespace sextant::obs
