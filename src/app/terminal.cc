#include "terminal.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iostream>

namespace sextant::app {
namespace {

// Between two lines where they cannot be written over.
constexpr std::chrono::seconds kQuietTime{3};

std::string Variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

}  // namespace

std::optional<ColorChoice> ParseColorChoice(std::string_view text) {
  if (text == "auto") return ColorChoice::kAuto;
  if (text == "always") return ColorChoice::kAlways;
  if (text == "never") return ColorChoice::kNever;
  return std::nullopt;
}

TerminalFacts LookAt(const std::ostream& stream) {
  TerminalFacts facts;
  if (&stream == &std::cout) facts.terminal = isatty(STDOUT_FILENO) == 1;
  if (&stream == &std::cerr) facts.terminal = isatty(STDERR_FILENO) == 1;
  facts.no_color = Variable("NO_COLOR");
  facts.term = Variable("TERM");
  return facts;
}

bool WantsColor(ColorChoice choice, const TerminalFacts& facts) {
  if (choice != ColorChoice::kAuto) return choice == ColorChoice::kAlways;
  return facts.terminal && facts.no_color.empty() && facts.term != "dumb";
}

std::string Harmless(std::string text) {
  std::replace_if(
      text.begin(), text.end(),
      [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; },
      ' ');
  return text;
}

std::string Painter::Paint(std::string_view code, std::string_view text) const {
  if (!on_ || text.empty()) return std::string(text);
  std::string painted = "\033[";
  painted += code;
  painted += 'm';
  painted += text;
  painted += "\033[0m";
  return painted;
}

void ProgressLine::Show(const std::string& text, TimePoint now) {
  if (text == last_) return;
  if (terminal_) {
    err_ << "\r\033[K" << text << std::flush;
    shown_ = true;
  } else {
    // Whoever is done at once has nothing to say.
    if (!last_time_) last_time_ = now;
    if (now - *last_time_ < kQuietTime) return;
    err_ << text << std::endl;
    last_time_ = now;
  }
  last_ = text;
}

void ProgressLine::Clear() {
  if (!shown_) return;
  err_ << "\r\033[K" << std::flush;
  shown_ = false;
  last_.clear();
}

}  // namespace sextant::app
