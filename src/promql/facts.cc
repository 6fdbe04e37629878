// Reads the query as PromQL's grammar has it and keeps for every part which
// labels its samples can carry, from the leaves up:
//
//   sum by (pod) (rate(http_total{pod="a"}[2m])) / on () group_left vector(2)
//
// http_total can carry any label, rate() keeps them, sum leaves {pod}, vector()
// has none; group_left keeps those of the left side: {pod}.

#include "sextant/promql/facts.h"

#include <algorithm>
#include <array>
#include <utility>

#include "grammar.h"
#include "lexer.h"
#include "sextant/base/text.h"
#include "vector_selector.h"

namespace sextant::promql {
namespace {

// No rule nests so deep; keeps the stack small.
constexpr int kMaxDepth = 64;

constexpr std::array<std::string_view, 14> kAggregations = {
    "avg",         "bottomk", "count", "count_values", "group",
    "limit_ratio", "limitk",  "max",   "min",          "quantile",
    "stddev",      "stdvar",  "sum",   "topk"};

// Those that give samples as they are, not one for each group.
constexpr std::array<std::string_view, 4> kPickers = {"bottomk", "limit_ratio",
                                                      "limitk", "topk"};

// Functions that want a range, but for *_over_time.
constexpr std::array<std::string_view, 11> kRangeFunctions = {
    "changes",        "delta",  "deriv",    "double_exponential_smoothing",
    "holt_winters",   "idelta", "increase", "irate",
    "predict_linear", "rate",   "resets"};

// Functions that want no range.
constexpr std::array<std::string_view, 18> kInstantFunctions = {
    "abs",        "absent",        "ceil",
    "clamp",      "clamp_max",     "clamp_min",
    "exp",        "floor",         "histogram_quantile",
    "label_join", "label_replace", "ln",
    "log10",      "log2",          "round",
    "scalar",     "sqrt",          "timestamp"};

template <std::size_t N>
bool Contains(const std::array<std::string_view, N>& sorted,
              std::string_view word) {
  return std::binary_search(sorted.begin(), sorted.end(), word);
}

bool WantsRange(std::string_view function) {
  return function.ends_with("_over_time") ||
         Contains(kRangeFunctions, function);
}

struct Shape {
  enum class Kind { kScalar, kVector, kRange };
  Kind kind = Kind::kVector;
  LabelSet labels = LabelSet::All();
};

Shape Scalar() { return {Shape::Kind::kScalar, LabelSet::Only({})}; }

// on (...), ignoring (...), group_left (...)
struct Matching {
  enum class By { kAll, kOn, kIgnoring };
  By by = By::kAll;
  std::set<std::string> labels;
  bool group_left = false;
  bool group_right = false;
  std::set<std::string> included;
};

std::set<std::string> ToSet(const std::vector<std::string>& labels) {
  return {labels.begin(), labels.end()};
}

LabelSet LabelsOfMatch(const LabelSet& left, const LabelSet& right,
                       const Matching& matching) {
  const LabelSet included = LabelSet::Only(matching.included);
  if (matching.group_left) return left.With(included);
  if (matching.group_right) return right.With(included);
  const LabelSet both = left.Within(right);
  if (matching.by == Matching::By::kOn) {
    return both.Within(LabelSet::Only(matching.labels));
  }
  return both.Without(matching.labels);
}

// The grammar recurses; kMaxDepth bounds it.
// NOLINTBEGIN(misc-no-recursion)
class Examiner {
 public:
  explicit Examiner(const std::vector<Token>& tokens) : reader_(tokens) {}

  std::optional<QueryFacts> Run() {
    std::optional<Shape> result = Expression(1);
    if (!result || !reader_.AtEnd()) return std::nullopt;
    RefuseRange(*result);
    facts_.labels = std::move(result->labels);
    facts_.scalar = result->kind == Shape::Kind::kScalar;
    return std::move(facts_);
  }

 private:
  using Kind = QueryFacts::Oddity::Kind;
  using Part = std::optional<Shape>;

  // Everything joined by operators of at least this strength.
  Part Expression(int strength) {
    if (depth_ == kMaxDepth) return std::nullopt;
    ++depth_;
    Part left = Unary();
    while (left) {
      const Token& op = reader_.Peek();
      const int binds = Strength(op);
      if (binds < strength || binds == 0) break;
      reader_.Take();
      const std::optional<Matching> matching = Modifiers();
      if (!matching) return std::nullopt;
      // Only ^ groups to the right.
      const Part right = Expression(op.value == "^" ? binds : binds + 1);
      if (!right) return std::nullopt;
      left = Combine(op, *left, *right, *matching);
    }
    --depth_;
    return left;
  }

  Part Unary() {
    if (!reader_.Accept("-") && !reader_.Accept("+")) return Operand();
    return Expression(Strength(Token{Token::Kind::kPunctuation, "^", 0, 0}));
  }

  Shape Combine(const Token& op, const Shape& left, const Shape& right,
                const Matching& matching) {
    RefuseRange(left);
    RefuseRange(right);
    if (IsName(op, "or")) {
      if (right.labels.empty() && !left.labels.empty()) {
        facts_.oddities.push_back({Kind::kOrWithoutLabels, ""});
      }
      return {Shape::Kind::kVector, left.labels.With(right.labels)};
    }
    if (left.kind == Shape::Kind::kScalar &&
        right.kind == Shape::Kind::kScalar) {
      return Scalar();
    }
    if (IsName(op, "and") || IsName(op, "unless") ||
        right.kind == Shape::Kind::kScalar) {
      return {Shape::Kind::kVector, left.labels};
    }
    if (left.kind == Shape::Kind::kScalar) {
      return {Shape::Kind::kVector, right.labels};
    }
    return {Shape::Kind::kVector,
            LabelsOfMatch(left.labels, right.labels, matching)};
  }

  std::optional<Matching> Modifiers() {
    Matching matching;
    if (IsName(reader_.Peek(), "bool")) reader_.Take();
    const bool on = IsName(reader_.Peek(), "on");
    if (!on && !IsName(reader_.Peek(), "ignoring")) return matching;
    reader_.Take();
    const auto labels = ReadLabelList(reader_);
    if (!labels) return std::nullopt;
    matching.by = on ? Matching::By::kOn : Matching::By::kIgnoring;
    matching.labels = ToSet(*labels);
    matching.group_left = IsName(reader_.Peek(), "group_left");
    matching.group_right = IsName(reader_.Peek(), "group_right");
    if (!matching.group_left && !matching.group_right) return matching;
    reader_.Take();
    if (!reader_.Peek().Is("(")) return matching;
    const auto included = ReadLabelList(reader_);
    if (!included) return std::nullopt;
    matching.included = ToSet(*included);
    return matching;
  }

  Part Operand() {
    const std::size_t first = facts_.selectors.size();
    Part part = Primary();
    while (part) {
      if (reader_.Peek().Is("[")) {
        const std::optional<Range> range = ReadRange(reader_);
        if (!range || part->kind != Shape::Kind::kVector) return std::nullopt;
        part->kind = Shape::Kind::kRange;
        range_ = range->window;
        if (!range->subquery) {
          if (facts_.selectors.size() != first + 1) return std::nullopt;
          facts_.selectors.back().range = range->window;
        }
      } else if (IsName(reader_.Peek(), "offset")) {
        reader_.Take();
        reader_.Accept("-");
        if (reader_.Take().kind != Token::Kind::kNumber) return std::nullopt;
        for (std::size_t i = first; i < facts_.selectors.size(); ++i) {
          facts_.selectors[i].offset = true;
        }
      } else if (reader_.Accept("@")) {
        if (!ReadMoment(reader_)) return std::nullopt;
      } else {
        break;
      }
    }
    return part;
  }

  Part Primary() {
    const Token& token = reader_.Peek();
    if (token.kind == Token::Kind::kNumber ||
        token.kind == Token::Kind::kString || IsName(token, "inf") ||
        IsName(token, "nan")) {
      reader_.Take();
      return Scalar();
    }
    if (reader_.Accept("(")) {
      Part inner = Expression(1);
      return inner && reader_.Accept(")") ? std::move(inner) : std::nullopt;
    }
    if (token.kind == Token::Kind::kName) {
      const std::string word = AsciiLower(token.value);
      const Token& second = reader_.PeekSecond();
      if (second.Is("(") || IsName(second, "by") || IsName(second, "without")) {
        reader_.Take();
        if (Contains(kAggregations, word)) return Aggregation(word);
        return second.Is("(") ? Function(word) : std::nullopt;
      }
      if (IsKeyword(word)) return std::nullopt;
    }
    return Selector();
  }

  Part Selector() {
    const std::optional<VectorSelector> read = ReadVectorSelector(reader_);
    if (!read) return std::nullopt;
    QueryFacts::Selector selector;
    selector.name = read->name;
    selector.matchers = read->matchers;
    selector.function = function_;
    for (const Matcher& matcher : read->matchers) {
      if (matcher.label == "__name__" && matcher.op == "=") {
        selector.name = matcher.value;
      }
      facts_.uses_le |= matcher.label == "le";
    }
    facts_.selectors.push_back(std::move(selector));
    return Shape{};
  }

  // The arguments of a function or aggregation, up to the closing parenthesis.
  struct Argument {
    Shape shape;
    std::string text;  // if it is a string
  };
  std::optional<std::vector<Argument>> Arguments(const std::string& function) {
    if (!reader_.Accept("(")) return std::nullopt;
    const std::string outer = std::exchange(function_, function);
    std::vector<Argument> arguments;
    while (!reader_.Accept(")")) {
      if (!arguments.empty() && !reader_.Accept(",")) return std::nullopt;
      if (!arguments.empty() && reader_.Accept(")")) break;
      std::string text;
      if (reader_.Peek().kind == Token::Kind::kString) {
        text = reader_.Peek().value;
      }
      Part part = Expression(1);
      if (!part) return std::nullopt;
      arguments.push_back({*std::move(part), std::move(text)});
    }
    function_ = outer;
    return arguments;
  }

  Part Aggregation(const std::string& name) {
    std::optional<Grouping> grouping = TakeGrouping();
    if (!grouping) return std::nullopt;
    const auto arguments = Arguments(name);
    if (!arguments || arguments->empty()) return std::nullopt;
    if (!grouping->given) grouping = TakeGrouping();
    if (!grouping) return std::nullopt;

    const Shape& inner = arguments->back().shape;
    RefuseRange(inner);
    Shape shape;
    if (Contains(kPickers, name)) {
      shape.labels = inner.labels;
    } else if (grouping->without) {
      shape.labels = inner.labels.Without(grouping->labels);
    } else {
      shape.labels = inner.labels.Within(LabelSet::Only(grouping->labels));
    }
    if (name == "count_values") {
      shape.labels =
          shape.labels.With(LabelSet::Only({arguments->front().text}));
    }
    return shape;
  }

  // Neither by nor without is the same as by ().
  struct Grouping {
    bool given = false;
    bool without = false;
    std::set<std::string> labels;
  };
  std::optional<Grouping> TakeGrouping() {
    Grouping grouping;
    grouping.without = IsName(reader_.Peek(), "without");
    grouping.given = grouping.without || IsName(reader_.Peek(), "by");
    if (!grouping.given) return grouping;
    reader_.Take();
    const auto labels = ReadLabelList(reader_);
    if (!labels) return std::nullopt;
    grouping.labels = ToSet(*labels);
    facts_.uses_le |= grouping.labels.count("le") > 0;
    return grouping;
  }

  Part Function(const std::string& name) {
    const std::size_t first = facts_.selectors.size();
    const auto arguments = Arguments(name);
    if (!arguments) return std::nullopt;
    CheckRanges(name, *arguments);
    if (name == "time" || name == "pi" || name == "scalar") return Scalar();
    Shape shape;
    if (name == "vector") {
      shape.labels = LabelSet::Only({});
      return shape;
    }
    if (name.starts_with("absent")) return shape;  // labels of its matchers
    // The one argument that is no number; more than one only MetricsQL has.
    for (const Argument& argument : *arguments) {
      if (argument.shape.kind != Shape::Kind::kScalar) {
        shape.labels = argument.shape.labels;
      }
    }
    if (!IsKnown(name)) shape.labels = LabelSet::All();
    if ((name == "label_replace" || name == "label_join") &&
        arguments->size() > 1) {
      shape.labels = shape.labels.With(LabelSet::Only({(*arguments)[1].text}));
    }
    if (name == "histogram_quantile") {
      facts_.uses_le = true;
      if (!shape.labels.Has("le") && HasBuckets(first)) {
        facts_.oddities.push_back({Kind::kQuantileWithoutLe, name});
      }
    }
    return shape;
  }

  static bool IsKnown(std::string_view function) {
    return WantsRange(function) || Contains(kInstantFunctions, function);
  }

  bool HasBuckets(std::size_t first) const {
    return std::any_of(
        facts_.selectors.begin() + static_cast<std::ptrdiff_t>(first),
        facts_.selectors.end(), [](const QueryFacts::Selector& selector) {
          return selector.name && selector.name->ends_with("_bucket");
        });
  }

  void CheckRanges(const std::string& name,
                   const std::vector<Argument>& arguments) {
    const bool any = std::any_of(
        arguments.begin(), arguments.end(), [](const Argument& argument) {
          return argument.shape.kind == Shape::Kind::kRange;
        });
    if (WantsRange(name) && !any) {
      facts_.oddities.push_back({Kind::kNeedsRange, name});
    }
    if (!Contains(kInstantFunctions, name)) return;
    for (const Argument& argument : arguments) RefuseRange(argument.shape);
  }

  void RefuseRange(const Shape& shape) {
    if (shape.kind != Shape::Kind::kRange) return;
    facts_.oddities.push_back({Kind::kUnusedRange, "[" + range_ + "]"});
  }

  TokenReader reader_;
  QueryFacts facts_;
  int depth_ = 0;
  std::string function_;  // whose arguments are being read
  std::string range_;     // the last one
};
// NOLINTEND(misc-no-recursion)

// Names with a dash in them, which PromQL takes for a subtraction: two words
// and a minus without a blank.
void NoteDashes(std::string_view query, const std::vector<Token>& tokens,
                QueryFacts& facts) {
  const auto joined = [&](std::size_t i) {
    return i + 2 < tokens.size() && tokens[i].kind == Token::Kind::kName &&
           tokens[i + 1].Is("-") && tokens[i].end == tokens[i + 1].begin &&
           tokens[i + 2].kind == Token::Kind::kName &&
           tokens[i + 1].end == tokens[i + 2].begin;
  };
  for (std::size_t i = 0; i + 2 < tokens.size(); ++i) {
    if (!joined(i)) continue;
    const std::size_t first = i;
    while (joined(i)) i += 2;
    if (tokens[i + 1].Is("(")) continue;  // a function
    const std::size_t begin = tokens[first].begin;
    facts.oddities.push_back(
        {QueryFacts::Oddity::Kind::kDash,
         std::string(query.substr(begin, tokens[i].end - begin))});
  }
}

}  // namespace

std::optional<QueryFacts> Examine(std::string_view query) {
  const std::optional<std::vector<Token>> tokens = Lex(query);
  if (!tokens) return std::nullopt;
  std::optional<QueryFacts> facts = Examiner(*tokens).Run();
  if (facts) NoteDashes(query, *tokens, *facts);
  return facts;
}

}  // namespace sextant::promql
