// Reads the query as PromQL's grammar has it and asks of every part of it: on
// what does a sample with label="a" depend?  An answer is one of
//
//   Constant  on no series at all: 100, time()
//   Whole     on series with label="a" only, and the query does not say which
//             values it wants: up, up{pod!=""}
//   Part      the same, and it wants certain values: up{pod=~"a|b"}
//
// or none, and then the query is not split.  For
//
//   sum by (pod) (rate(http_total{pod=~"a|b"}[2m])) / 60
//
// the selector is Part; rate() looks at each series alone, the groups of sum()
// never hold two pods, dividing by a Constant changes no labels: all Part.
//
// Whole and Part differ for `or` and `unless`.  In `x{pod=~"a|b"} or y` the
// series y{pod="b"} is hidden by x{pod="b"}, but no longer when only
// x{pod="a"} is asked for.

#include "sextant/promql/split.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "grammar.h"
#include "lexer.h"
#include "sextant/base/text.h"
#include "vector_selector.h"

namespace sextant::promql {
namespace {

enum class Depends { kConstant, kWhole, kPart };
using Verdict = std::optional<Depends>;

// No rule nests so deep; keeps the stack small.
constexpr int kMaxDepth = 64;

template <std::size_t N>
bool Contains(const std::array<std::string_view, N>& sorted,
              std::string_view word) {
  return std::binary_search(sorted.begin(), sorted.end(), word);
}

// Functions that make of each series one other with the same labels, but for
// __name__, le and quantile.  All other arguments must be Constant.  Left out
// on purpose: absent, absent_over_time, label_join, label_replace, scalar,
// sort..., vector, and what only MetricsQL has.
constexpr std::array<std::string_view, 70> kSeriesFunctions = {
    "abs",
    "acos",
    "acosh",
    "asin",
    "asinh",
    "atan",
    "atanh",
    "avg_over_time",
    "ceil",
    "changes",
    "clamp",
    "clamp_max",
    "clamp_min",
    "cos",
    "cosh",
    "count_over_time",
    "day_of_month",
    "day_of_week",
    "day_of_year",
    "days_in_month",
    "deg",
    "delta",
    "deriv",
    "double_exponential_smoothing",
    "exp",
    "first_over_time",
    "floor",
    "histogram_avg",
    "histogram_count",
    "histogram_fraction",
    "histogram_quantile",
    "histogram_stddev",
    "histogram_stdvar",
    "histogram_sum",
    "holt_winters",
    "hour",
    "idelta",
    "increase",
    "irate",
    "last_over_time",
    "ln",
    "log10",
    "log2",
    "mad_over_time",
    "max_over_time",
    "min_over_time",
    "minute",
    "month",
    "predict_linear",
    "present_over_time",
    "quantile_over_time",
    "rad",
    "rate",
    "resets",
    "round",
    "sgn",
    "sin",
    "sinh",
    "sqrt",
    "stddev_over_time",
    "stdvar_over_time",
    "sum_over_time",
    "tan",
    "tanh",
    "timestamp",
    "ts_of_first_over_time",
    "ts_of_last_over_time",
    "ts_of_max_over_time",
    "ts_of_min_over_time",
    "year"};

// topk, bottomk, quantile, count_values and the limits are left out.
constexpr std::array<std::string_view, 8> kAggregations = {
    "avg", "count", "group", "max", "min", "stddev", "stdvar", "sum"};

// The grammar recurses; kMaxDepth bounds it.
// NOLINTBEGIN(misc-no-recursion)
class Judge {
 public:
  Judge(const std::vector<Token>& tokens, std::string_view label)
      : reader_(tokens), label_(label) {}

  bool Run() {
    const Verdict verdict = Expression(1);
    if (!verdict || *verdict == Depends::kConstant || !reader_.AtEnd()) {
      return false;
    }
    // Two different choices of values: which part belongs to which is not
    // known, and `or` and `unless` would need it.
    return !set_operator_ || wanted_.size() <= 1;
  }

 private:
  // Everything joined by operators of at least this strength.
  Verdict Expression(int strength) {
    if (depth_ == kMaxDepth) return std::nullopt;
    ++depth_;
    Verdict left = Unary();
    while (left) {
      const Token& op = reader_.Peek();
      const int binds = Strength(op);
      if (binds < strength || binds == 0) break;
      reader_.Take();
      const std::optional<bool> matching = Modifiers();
      if (!matching) return std::nullopt;
      // Only ^ groups to the right.
      const Verdict right = Expression(op.value == "^" ? binds : binds + 1);
      if (!right) return std::nullopt;
      left = Combine(op, *left, *right, *matching);
    }
    --depth_;
    return left;
  }

  Verdict Unary() {
    if (!reader_.Peek().Is("-") && !reader_.Peek().Is("+")) return Operand();
    reader_.Take();
    // -x^2 is -(x^2); the labels are the same either way.
    return Expression(Strength(Token{Token::Kind::kPunctuation, "^", 0, 0}));
  }

  Verdict Combine(const Token& op, Depends left, Depends right, bool matching) {
    const bool constants =
        left == Depends::kConstant || right == Depends::kConstant;
    const int binds = Strength(op);
    if (constants) {
      // `on` and set operators are for vectors.
      if (matching || binds <= 2) return std::nullopt;
      return std::max(left, right);
    }
    if (IsName(op, "or")) {
      set_operator_ = true;
      return left == right ? Verdict(left) : std::nullopt;
    }
    if (IsName(op, "unless")) {
      set_operator_ = true;
      if (left == Depends::kWhole && right == Depends::kPart) {
        return std::nullopt;
      }
      return left;
    }
    return std::max(left, right);
  }

  // bool, on(...), ignoring(...), group_left(...): whether vectors are matched
  // in a way of their own, and nothing if that way drops the label.
  std::optional<bool> Modifiers() {
    if (IsName(reader_.Peek(), "bool")) reader_.Take();
    const bool on = IsName(reader_.Peek(), "on");
    if (!on && !IsName(reader_.Peek(), "ignoring")) return false;
    reader_.Take();
    const std::optional<std::vector<std::string>> labels =
        ReadLabelList(reader_);
    if (!labels || Names(*labels) != on) return std::nullopt;
    if (IsName(reader_.Peek(), "group_left") ||
        IsName(reader_.Peek(), "group_right")) {
      reader_.Take();
      if (reader_.Peek().Is("(")) {
        const std::optional<std::vector<std::string>> taken =
            ReadLabelList(reader_);
        if (!taken || Names(*taken)) return std::nullopt;
      }
    }
    return true;
  }

  Verdict Operand() {
    Verdict verdict = Primary();
    while (verdict) {
      if (reader_.Peek().Is("[")) {
        if (*verdict == Depends::kConstant || !ReadRange(reader_)) {
          return std::nullopt;
        }
      } else if (IsName(reader_.Peek(), "offset")) {
        reader_.Take();
        reader_.Accept("-");
        if (reader_.Take().kind != Token::Kind::kNumber) return std::nullopt;
      } else if (reader_.Peek().Is("@")) {
        reader_.Take();
        if (!ReadMoment(reader_)) return std::nullopt;
      } else {
        break;
      }
    }
    return verdict;
  }

  Verdict Primary() {
    const Token& token = reader_.Peek();
    if (token.kind == Token::Kind::kNumber || IsName(token, "inf") ||
        IsName(token, "nan")) {
      reader_.Take();
      return Depends::kConstant;
    }
    if (token.Is("(")) {
      reader_.Take();
      const Verdict inner = Expression(1);
      return inner && reader_.Accept(")") ? inner : std::nullopt;
    }
    if (token.kind == Token::Kind::kName) {
      const std::string word = AsciiLower(token.value);
      const Token& second = reader_.PeekSecond();
      if (second.Is("(") || IsName(second, "by") || IsName(second, "without")) {
        reader_.Take();
        if (Contains(kAggregations, word)) return Aggregation();
        return second.Is("(") ? Function(word) : std::nullopt;
      }
      if (IsKeyword(word)) return std::nullopt;
    }
    return Selector();
  }

  Verdict Selector() {
    const std::optional<VectorSelector> selector = ReadVectorSelector(reader_);
    if (!selector) return std::nullopt;
    Depends depends = Depends::kWhole;
    for (const Matcher& matcher : selector->matchers) {
      if (matcher.label != label_) continue;
      if (matcher.op == "=" || matcher.op == "=~") {
        depends = Depends::kPart;
        wanted_.insert(matcher.op + matcher.value);
      }
    }
    return depends;
  }

  Verdict Aggregation() {
    std::optional<bool> keeps = Grouping();
    if (!keeps || !reader_.Accept("(")) return std::nullopt;
    const Verdict inner = Expression(1);
    if (!inner || *inner == Depends::kConstant) return std::nullopt;
    if (!reader_.Accept(")")) return std::nullopt;
    if (!*keeps) keeps = Grouping();
    return keeps && *keeps ? inner : std::nullopt;
  }

  // by (...) and without (...).  False if there is neither, nothing if it
  // drops the label.
  std::optional<bool> Grouping() {
    const bool by = IsName(reader_.Peek(), "by");
    if (!by && !IsName(reader_.Peek(), "without")) return false;
    reader_.Take();
    const std::optional<std::vector<std::string>> labels =
        ReadLabelList(reader_);
    if (!labels || Names(*labels) != by) return std::nullopt;
    return true;
  }

  Verdict Function(const std::string& name) {
    reader_.Take();
    if (name == "time" || name == "pi") {
      if (!reader_.Accept(")")) return std::nullopt;
      return Depends::kConstant;
    }
    if (!Contains(kSeriesFunctions, name)) return std::nullopt;
    Verdict series;
    do {
      const Verdict argument = Expression(1);
      if (!argument) return std::nullopt;
      if (*argument == Depends::kConstant) continue;
      if (series) return std::nullopt;
      series = argument;
    } while (reader_.Accept(","));
    return reader_.Accept(")") ? series : std::nullopt;
  }

  bool Names(const std::vector<std::string>& labels) const {
    return std::find(labels.begin(), labels.end(), label_) != labels.end();
  }

  TokenReader reader_;
  const std::string_view label_;
  int depth_ = 0;
  bool set_operator_ = false;
  std::set<std::string> wanted_;  // the values asked for, with "=" or "=~"
};
// NOLINTEND(misc-no-recursion)

}  // namespace

bool CanSplitBy(std::string_view query, std::string_view label) {
  // Functions drop or change these by themselves.
  if (label == "__name__" || label == "le" || label == "quantile") {
    return false;
  }
  const std::optional<std::vector<Token>> tokens = Lex(query);
  return tokens && Judge(*tokens, label).Run();
}

}  // namespace sextant::promql
