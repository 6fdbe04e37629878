#include "sextant/promql/name_in_braces.h"

#include <cstddef>
#include <utility>

#include "sextant/promql/quote.h"

namespace sextant::promql {
namespace {

constexpr std::size_t kNone = std::string_view::npos;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool IsQuote(char c) { return c == '"' || c == '\'' || c == '`'; }

bool IsNameByte(char c) {
  return IsDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         c == '_' || c == ':';
}

class Writer {
 public:
  Writer(std::string_view query, std::string_view name)
      : query_(query), name_(name) {}

  std::string Run() {
    while (at_ < query_.size()) {
      const char c = query_[at_];
      if (IsQuote(c) || c == '#') {
        Keep(Behind(at_));
      } else if (c == '{') {
        Keep(EndOfMatchers(at_ + 1));
      } else if (c == '[') {
        Keep(query_.find(']', at_));
      } else if (query_.substr(at_).starts_with(name_)) {
        TakeName();
      } else {
        Keep(at_ + 1);
      }
    }
    return std::move(out_);
  }

 private:
  // Copies up to there, or all that is left.
  void Keep(std::size_t end) {
    const std::string_view piece = query_.substr(at_, end - at_);
    out_ += piece;
    at_ += piece.size();
  }

  std::size_t EndOfString(std::size_t begin) const {
    const char quote = query_[begin];
    for (std::size_t i = begin + 1; i < query_.size(); ++i) {
      if (query_[i] == quote) return i + 1;
      if (query_[i] == '\\' && quote != '`') ++i;
    }
    return kNone;
  }

  // Behind the string, the comment or else the byte that stands there.
  std::size_t Behind(std::size_t at) const {
    if (IsQuote(query_[at])) return EndOfString(at);
    return query_[at] == '#' ? query_.find('\n', at) : at + 1;
  }

  // Behind the brace that ends the matchers, of which `from` is the first.
  std::size_t EndOfMatchers(std::size_t from) const {
    for (std::size_t i = from; i < query_.size();) {
      if (query_[i] == '}') return i + 1;
      i = Behind(i);
    }
    return kNone;
  }

  std::size_t SkipBlanks(std::size_t from) const {
    const std::size_t next = query_.find_first_not_of(" \t\r\n", from);
    return next == kNone ? query_.size() : next;
  }

  bool Has(std::size_t at, char c) const {
    return at < query_.size() && query_[at] == c;
  }

  void TakeName() {
    // Taken back from what has been copied: what stands directly before it.
    std::size_t before = out_.size();
    while (before > 0 && IsNameByte(out_[before - 1])) --before;
    std::size_t end = at_ + name_.size();
    while (end < query_.size() && IsNameByte(query_[end])) ++end;

    const std::size_t brace = SkipBlanks(end);
    const bool braces = Has(brace, '{');
    const std::string whole =
        out_.substr(before) + std::string(query_.substr(at_, end - at_));
    // "5" is in "x5", "15" and "* 5" too.
    if (IsLegalMetricName(whole) || (!braces && IsDigit(whole.front()))) {
      return Keep(end);
    }

    out_.resize(before);
    out_ += "{__name__=" + QuoteValue(whole);
    at_ = end;
    if (!braces) {
      out_ += '}';
      return;
    }
    at_ = brace + 1;
    if (!Has(SkipBlanks(at_), '}')) out_ += ',';
    Keep(EndOfMatchers(at_));
  }

  const std::string_view query_;
  const std::string_view name_;
  std::size_t at_ = 0;
  std::string out_;
};

}  // namespace

std::string WithNameInBraces(std::string_view query, std::string_view name) {
  if (name.empty() || IsLegalMetricName(name)) return std::string(query);
  return Writer(query, name).Run();
}

}  // namespace sextant::promql
