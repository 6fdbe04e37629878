// What a flag is: one row of the table that reading, help, "did you mean" and
// docs/COMMANDS.md come from (flag_table.h).

#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>

namespace sextant::config {

enum class FlagFate {
  kActs,
  kWarns,    // accepted; a warning says why it does nothing
  kIgnored,  // accepted in silence
  kRefused,  // an error that says why
};

// How a value is written.
enum class FlagKind {
  kText,
  kChoice,    // one of those in `value`: "json|legacy"
  kSwitch,    // --flag, --flag=true, --flag=false
  kDuration,  // Go's: 30s, 1h30m
  kInteger,
  kNumber,  // may have a fraction
  kList,    // of texts, with commas between them; given again, it adds to it
};

struct Flag {
  static constexpr std::int64_t kNoLimit =
      std::numeric_limits<std::int64_t>::max();

  std::string_view name;         // without dashes
  std::string_view letter = "";  // for one dash: "h"
  FlagFate fate = FlagFate::kActs;
  FlagKind kind = FlagKind::kText;
  std::string_view value = "";  // what stands for one in texts: "FILE"
  // Of an integer; of a duration in milliseconds.
  std::int64_t least = 0;
  std::int64_t most = kNoLimit;

  // If not given; the value of the peer that `kWarns` does not warn of.
  std::string_view initial = "";
  // What it does here; of what does nothing or is refused, why.  A sentence
  // without its end.
  std::string_view help = "";
  // For docs/COMMANDS.md only: what the peer does differently, and the like.
  // Whole sentences.
  std::string_view note = "";
};

// Flags that --help and docs/COMMANDS.md show together.
struct FlagGroup {
  std::string_view title;
  std::span<const Flag> flags;
  bool underscores = false;  // log_dir is log-dir too
};

// "--config", and "-v".
std::string Dashed(const Flag& flag);

// "--config=FILE", "-v=LEVEL", "--standalone": how to write it.
std::string Written(const Flag& flag);

// The flag of that name; nothing if there is none.
const Flag* FindFlag(std::span<const FlagGroup> groups, std::string_view name);

}  // namespace sextant::config
