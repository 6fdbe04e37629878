#include "series_file.h"

#include <charconv>
#include <cmath>
#include <fstream>
#include <numbers>
#include <ostream>
#include <sstream>
#include <stdexcept>
#include <string_view>

namespace sample {
namespace {

[[noreturn]] void Fail(const std::string& path, int line,
                       const std::string& reason) {
  throw std::runtime_error(path + ":" + std::to_string(line) + ": " + reason);
}

bool ReadNumber(std::string_view text, double& number) {
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  return error == std::errc() && stop == end;
}

// "# grows by 75 every 15s" and "# swings by 4 every 60s".  False for any other
// comment.
bool ReadMovement(const std::string& line, Series& movement) {
  std::istringstream words(line);
  std::string hash, verb, by, amount_text, every, period_text;
  words >> hash >> verb >> by >> amount_text >> every >> period_text;
  if (by != "by" || every != "every" || !period_text.ends_with('s')) {
    return false;
  }
  period_text.pop_back();
  double amount = 0;
  Seconds period = 0;
  if (!ReadNumber(amount_text, amount) || !ReadNumber(period_text, period) ||
      period <= 0) {
    return false;
  }
  movement = Series{};
  if (verb == "grows") {
    movement.growth_per_second = amount / period;
    return true;
  }
  if (verb == "swings") {
    movement.swing = amount;
    movement.swing_period = period;
    return true;
  }
  return false;
}

// The shortest text that reads back as the same number.
std::string NumberText(double number) {
  char buffer[64];
  const auto result = std::to_chars(buffer, buffer + sizeof buffer, number);
  return std::string(buffer, result.ptr);
}

}  // namespace

double Series::ValueAfter(Seconds elapsed) const {
  if (swing_period > 0) {
    const double turn = 2 * std::numbers::pi * elapsed / swing_period;
    return std::round(value + swing * std::sin(turn));
  }
  return value + growth_per_second * elapsed;
}

std::vector<Series> ReadSeriesFile(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot read " + path);
  std::vector<Series> all;
  Series movement;
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    if (line.empty()) {
      movement = Series{};
      continue;
    }
    if (line.starts_with('#')) {
      const bool moves =
          line.starts_with("# grows") || line.starts_with("# swings");
      if (moves && !ReadMovement(line, movement)) {
        Fail(path, number, "expected `# grows by NUMBER every NUMBERs`");
      }
      continue;
    }
    const std::size_t blank = line.rfind(' ');
    Series series = movement;
    if (blank == std::string::npos ||
        !ReadNumber(std::string_view(line).substr(blank + 1), series.value)) {
      Fail(path, number, "expected `name{labels} NUMBER`");
    }
    series.name = line.substr(0, blank);
    all.push_back(std::move(series));
  }
  return all;
}

void WriteExposition(const std::vector<Series>& all, Seconds elapsed,
                     std::ostream& out) {
  for (const Series& series : all) {
    out << series.name << ' ' << NumberText(series.ValueAfter(elapsed)) << '\n';
  }
}

void WriteHistory(const std::vector<Series>& all, Span span, Seconds start,
                  std::ostream& out) {
  const auto steps =
      static_cast<long>(std::floor((span.to - span.from) / span.step));
  for (const Series& series : all) {
    for (long step = 0; step <= steps; ++step) {
      const Seconds time = span.from + static_cast<double>(step) * span.step;
      out << series.name << ' ' << NumberText(series.ValueAfter(time - start))
          << ' ' << std::llround(time) << '\n';
    }
  }
  out << "# EOF\n";
}

}  // namespace sample
