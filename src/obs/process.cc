#include "sextant/obs/process.h"

#include <sys/resource.h>
#include <unistd.h>

#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>
#include <vector>

#include "sextant/base/text.h"

namespace sextant::obs {
namespace {

std::string ReadAll(const char* path) {
  std::ifstream file(path);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

double ToNumber(const std::string& text) {
  return std::strtod(text.c_str(), nullptr);
}

ProcessStat OwnStat() { return ParseProcessStat(ReadAll("/proc/self/stat")); }

double TicksPerSecond() { return static_cast<double>(sysconf(_SC_CLK_TCK)); }

// "btime 1764000000" of /proc/stat: when the machine was started.
double BootTime() {
  std::ifstream file("/proc/stat");
  std::string word;
  double seconds = 0;
  while (file >> word) {
    if (word == "btime" && file >> seconds) return seconds;
  }
  return 0;
}

double OpenFiles() {
  std::error_code error;
  std::filesystem::directory_iterator entry("/proc/self/fd", error);
  // Without the one that reads the directory.
  double count = -1;
  for (; !error && entry != std::filesystem::directory_iterator();
       entry.increment(error)) {
    ++count;
  }
  return count < 0 ? 0 : count;
}

double MaxFiles() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  return static_cast<double>(limit.rlim_cur);
}

}  // namespace

ProcessStat ParseProcessStat(std::string_view line) {
  // The second field is the program's name in parentheses, which may hold
  // blanks and parentheses itself (proc(5)).
  const std::size_t name_end = line.rfind(')');
  if (name_end == std::string_view::npos) return {};
  // So that the field N of proc(5), counted from 1, is fields[N - 2].
  const std::vector<std::string> fields = Split(line.substr(name_end), ' ');
  if (fields.size() < 23) return {};
  return {.cpu_ticks = ToNumber(fields[12]) + ToNumber(fields[13]),
          .start_ticks = ToNumber(fields[20]),
          .virtual_bytes = ToNumber(fields[21]),
          .resident_pages = ToNumber(fields[22])};
}

void AddProcessMetrics(Metrics& metrics) {
  metrics.CounterFunction(
      "process_cpu_seconds_total", "User and system CPU time, in seconds.", {},
      [] { return OwnStat().cpu_ticks / TicksPerSecond(); });
  metrics.Gauge("process_resident_memory_bytes", "Resident memory, in bytes.",
                {}, [] {
                  return OwnStat().resident_pages *
                         static_cast<double>(sysconf(_SC_PAGESIZE));
                });
  metrics.Gauge("process_virtual_memory_bytes", "Virtual memory, in bytes.", {},
                [] { return OwnStat().virtual_bytes; });
  metrics.Gauge("process_open_fds", "Open file descriptors.", {}, OpenFiles);
  metrics.Gauge("process_max_fds", "Most file descriptors that may be open.",
                {}, MaxFiles);
  // A constant, read once.
  const double started = BootTime() + OwnStat().start_ticks / TicksPerSecond();
  metrics.Gauge("process_start_time_seconds",
                "When the process started, in seconds since 1970.", {},
                [started] { return started; });
}

}  // namespace sextant::obs
