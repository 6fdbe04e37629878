// What commands for people do on a terminal and leave out in a pipe: colours,
// and a line that says how far they are.

#pragma once

#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>

#include "sextant/base/clock.h"

namespace sextant::app {

// The values of --color.
enum class ColorChoice { kAuto, kAlways, kNever };

// "auto", "always" or "never".
std::optional<ColorChoice> ParseColorChoice(std::string_view text);

// What a stream writes to, as far as colours depend on it.
struct TerminalFacts {
  bool terminal = false;  // std::cout or std::cerr, and a person looks at it
  std::string no_color;   // the variable NO_COLOR, https://no-color.org
  std::string term;       // the variable TERM
};
TerminalFacts LookAt(const std::ostream& stream);

// With kAuto: a terminal that can, and nobody asked for none.
bool WantsColor(ColorChoice choice, const TerminalFacts& facts);

// Text from elsewhere without what could move the cursor: blanks instead.
std::string Harmless(std::string text);

// Puts a text in colours, or gives it back as it is.
class Painter {
 public:
  explicit Painter(bool on) : on_(on) {}

  std::string Bold(std::string_view text) const { return Paint("1", text); }
  std::string Dim(std::string_view text) const { return Paint("2", text); }
  std::string Red(std::string_view text) const { return Paint("1;31", text); }
  std::string Green(std::string_view text) const { return Paint("32", text); }
  std::string Yellow(std::string_view text) const {
    return Paint("1;33", text);
  }
  std::string Cyan(std::string_view text) const { return Paint("36", text); }

 private:
  std::string Paint(std::string_view code, std::string_view text) const;

  bool on_;
};

// How far a command is, on standard error: on a terminal one line that is
// written over again, elsewhere a line every few seconds, so that a log shows
// that something goes on.  `err` must outlive it.
class ProgressLine {
 public:
  ProgressLine(std::ostream& err, bool terminal)
      : err_(err), terminal_(terminal) {}
  ~ProgressLine() { Clear(); }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  void Show(const std::string& text, TimePoint now);

  // Takes the line off the terminal, before anything else is written.
  void Clear();

 private:
  std::ostream& err_;
  const bool terminal_;
  bool shown_ = false;
  std::string last_;
  std::optional<TimePoint> last_time_;
};

}  // namespace sextant::app
