#include "template_evaluator.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "template_format.h"
#include "template_functions.h"

namespace sextant::rules {

namespace {

// Bounds on what one run may do: bytes that it copies or writes, a step
// counting as some.  A query of a thousand names needs a fraction of it.
constexpr std::size_t kMaxWork = 32 << 20;
constexpr std::size_t kStep = 512;

class Evaluator {
 public:
  Evaluator(std::string_view source, const std::string& name,
            const Record& data)
      : source_(source), name_(name), data_(data) {
    variables_.emplace_back("$", &data_);
  }

  Result<std::string> Run(const std::vector<Node>& tree) {
    Result<Flow> end = Walk(tree, Value(&data_));
    if (!end) return std::move(end).error();
    return std::move(out_);
  }

 private:
  enum class Flow { kNext, kBreak, kContinue };

  Error Fail(std::size_t begin, std::size_t end,
             const std::string& message) const {
    const std::string_view before = source_.substr(0, begin);
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    const std::size_t newline = before.rfind('\n');
    // Go counts columns from 0, in bytes.
    const std::size_t column =
        newline == std::string_view::npos ? begin : begin - newline - 1;
    return Error{
        ErrorCode::kInvalidArgument,
        "template: " + name_ + ":" + std::to_string(line) + ":" +
            std::to_string(column) + ": executing \"" + name_ + "\" at <" +
            std::string(source_.substr(begin, end - begin)) + ">: " + message,
        {}};
  }
  template <typename Place>
  Error FailAt(const Place& place, const std::string& message) const {
    return Fail(place.begin, place.end, message);
  }

  Result<Done> Spend(std::size_t bytes) {
    work_ += kStep + bytes;
    if (work_ <= kMaxWork) return Done{};
    return Error{ErrorCode::kInvalidArgument,
                 "template: " + name_ + ": stopped, it does too much",
                 {}};
  }

  Result<Done> Write(std::string_view text) {
    if (out_.size() + text.size() > kMaxText) {
      return Error{ErrorCode::kInvalidArgument,
                   "template: " + name_ + ": its text is longer than " +
                       std::to_string(kMaxText) + " bytes",
                   {}};
    }
    out_ += text;
    return Spend(text.size());
  }

  Result<Flow> Walk(const std::vector<Node>& nodes, const Value& dot) {
    for (const Node& node : nodes) {
      Result<Flow> flow = WalkOne(node, dot);
      if (!flow || *flow != Flow::kNext) return flow;
    }
    return Flow::kNext;
  }

  Result<Flow> WalkOne(const Node& node, const Value& dot) {
    using Kind = Node::Kind;
    switch (node.kind) {
      case Kind::kBreak:
        return Flow::kBreak;
      case Kind::kContinue:
        return Flow::kContinue;
      case Kind::kIf:
      case Kind::kWith:
        return WalkBranch(node, dot);
      case Kind::kRange:
        return WalkRange(node, dot);
      case Kind::kText:
      case Kind::kAction:
        break;
    }
    Result<Done> written =
        node.kind == Kind::kText ? Write(node.text) : WriteValue(node, dot);
    if (!written) return std::move(written).error();
    return Flow::kNext;
  }

  Result<Done> WriteValue(const Node& node, const Value& dot) {
    Result<Value> value = Evaluate(node.pipeline, dot);
    if (!value) return std::move(value).error();
    if (!node.pipeline.variables.empty()) return Done{};
    const bool nothing = std::holds_alternative<NoValue>(*value) ||
                         std::holds_alternative<Nil>(*value);
    return Write(nothing ? "<no value>" : ToText(*value));
  }

  Result<Flow> WalkBranch(const Node& node, const Value& dot) {
    const std::size_t scope = variables_.size();
    Result<Value> value = Evaluate(node.pipeline, dot);
    if (!value) return std::move(value).error();
    const bool with = node.kind == Node::Kind::kWith;
    Result<Flow> flow = IsTrue(*value) ? Walk(node.body, with ? *value : dot)
                                       : Walk(node.otherwise, dot);
    variables_.resize(scope);
    return flow;
  }

  Result<Flow> WalkRange(const Node& node, const Value& dot) {
    const std::size_t scope = variables_.size();
    Result<Value> value = Evaluate(node.pipeline, dot);
    if (!value) return std::move(value).error();

    Result<Flow> flow = Flow::kNext;
    bool empty = false;
    if (const auto* list = std::get_if<List>(&*value)) {
      empty = list->empty();
      std::int64_t index = 0;
      for (const std::string& item : *list) {
        flow = RunBody(node, Value(index++), Value(item));
        if (!flow || *flow == Flow::kBreak) break;
      }
    } else if (const auto* map = std::get_if<Map>(&*value)) {
      empty = map->empty();
      for (const auto& [key, item] : *map) {
        flow = RunBody(node, Value(key), Value(item));
        if (!flow || *flow == Flow::kBreak) break;
      }
    } else if (std::holds_alternative<NoValue>(*value) ||
               std::holds_alternative<Nil>(*value)) {
      empty = true;
    } else {
      return FailAt(node.pipeline.commands.front(),
                    "range can't iterate over " + ToText(*value));
    }
    if (flow) flow = empty ? Walk(node.otherwise, dot) : Flow::kNext;
    variables_.resize(scope);
    return flow;
  }

  Result<Flow> RunBody(const Node& node, const Value& key, const Value& item) {
    Result<Done> spent = Spend(SizeOf(item));
    if (!spent) return std::move(spent).error();
    // With one variable it is the element, with two the index comes first.
    const std::vector<std::string>& names = node.pipeline.variables;
    if (!names.empty()) Set(names.back(), item);
    if (names.size() == 2) Set(names.front(), key);
    const std::size_t scope = variables_.size();
    Result<Flow> flow = Walk(node.body, item);
    variables_.resize(scope);
    return flow;
  }

  // Of several variables of that name, the newest.
  Value* FindVariable(const std::string& name) {
    for (auto at = variables_.rbegin(); at != variables_.rend(); ++at) {
      if (at->first == name) return &at->second;
    }
    return nullptr;
  }

  void Set(const std::string& name, const Value& value) {
    if (Value* variable = FindVariable(name)) *variable = value;
  }

  Result<Value> Evaluate(const Pipeline& pipeline, const Value& dot) {
    std::optional<Value> value;
    for (const Command& command : pipeline.commands) {
      Result<Value> next = EvaluateCommand(command, dot, value);
      if (!next) return next;
      Result<Done> spent = Spend(SizeOf(*next));
      if (!spent) return std::move(spent).error();
      value = *std::move(next);
    }
    for (const std::string& name : pipeline.variables) {
      if (pipeline.assigns) {
        Set(name, *value);
      } else {
        variables_.emplace_back(name, *value);
      }
    }
    return *std::move(value);
  }

  // `last` is what the command before it in the pipeline gave.
  Result<Value> EvaluateCommand(const Command& command, const Value& dot,
                                const std::optional<Value>& last) {
    const Operand& first = command.words.front();
    const bool has_arguments = command.words.size() > 1 || last.has_value();
    using Kind = Operand::Kind;
    if (first.kind == Kind::kFunction) {
      return Call(command, first, dot, last);
    }
    if (has_arguments) {
      if (first.kind == Kind::kField && first.fields.size() == 1) {
        return FailAt(first, first.fields.back() +
                                 " has arguments but cannot be invoked as "
                                 "function");
      }
      if (!first.fields.empty()) {
        return FailAt(
            first, first.fields.back() + " is not a method but has arguments");
      }
      return FailAt(first, "can't give argument to non-function " +
                               std::string(source_.substr(
                                   first.begin, first.end - first.begin)));
    }
    if (first.kind == Kind::kNil) return FailAt(first, "nil is not a command");
    return EvaluateOperand(first, dot);
  }

  Result<Value> EvaluateOperand(const Operand& operand, const Value& dot) {
    using Kind = Operand::Kind;
    switch (operand.kind) {
      case Kind::kDot:
        return Paid(dot);
      case Kind::kNil:
        return Value(Nil{});
      case Kind::kLiteral:
        return Paid(operand.literal);
      case Kind::kField:
        return FollowFields(dot, operand);
      case Kind::kVariable: {
        const Value* variable = FindVariable(operand.name);
        if (variable == nullptr) {
          return FailAt(operand, "undefined variable: " + operand.name);
        }
        return FollowFields(*variable, operand);
      }
      case Kind::kParenthesis: {
        Result<Value> inner = Evaluate(*operand.inner, dot);
        if (!inner) return inner;
        return FollowFields(*inner, operand);
      }
      case Kind::kFunction:
        break;
    }
    // As an argument, a function is called without any of its own.
    Command alone;
    alone.begin = operand.begin;
    alone.end = operand.end;
    return Call(alone, operand, dot, std::nullopt);
  }

  Result<Value> Paid(const Value& value) {
    Result<Done> spent = Spend(SizeOf(value));
    if (!spent) return std::move(spent).error();
    return value;
  }

  Result<Value> FollowFields(const Value& start, const Operand& operand) {
    const Value* at = &start;
    Value held;  // what `at` points to when it is not part of `start`
    for (const std::string& name : operand.fields) {
      if (std::holds_alternative<NoValue>(*at)) break;
      if (const auto* map = std::get_if<Map>(at)) {
        const auto found = map->find(name);
        Value next = found == map->end() ? Value(NoValue{}) : found->second;
        held = std::move(next);
        at = &held;
        continue;
      }
      const auto* record = std::get_if<const Record*>(at);
      const Value* field = record != nullptr ? (*record)->Find(name) : nullptr;
      if (field == nullptr) {
        return FailAt(operand, "can't evaluate field " + name +
                                   (record != nullptr
                                        ? ": the fields are " + Fields(**record)
                                        : " in type " + TypeName(*at)));
      }
      at = field;
    }
    return Paid(*at);
  }

  static std::string Fields(const Record& record) {
    std::string names;
    for (const auto& [name, value] : record.fields) {
      if (!names.empty()) names += ", ";
      names += name;
    }
    return names;
  }

  Result<Value> Call(const Command& command, const Operand& name,
                     const Value& dot, const std::optional<Value>& last) {
    const Function& function = *FindFunction(name.name);
    const std::size_t words =
        command.words.empty() ? 0 : command.words.size() - 1;
    const std::size_t count = words + (last ? 1 : 0);
    if (count < function.least || count > function.most) {
      return FailAt(name, "wrong number of args for " + name.name + ": want " +
                              (function.most == kAnyNumber ? "at least " : "") +
                              std::to_string(function.least) + " got " +
                              std::to_string(count));
    }
    const bool is_or = name.name == "or";
    std::vector<Value> arguments;
    for (std::size_t i = 1; i <= count; ++i) {
      Result<Value> argument = i <= words
                                   ? EvaluateOperand(command.words[i], dot)
                                   : Result<Value>(*last);
      if (!argument) return argument;
      // The first that decides, else the last.
      if (function.call == nullptr &&
          (i == count || IsTrue(*argument) == is_or)) {
        return argument;
      }
      arguments.push_back(*std::move(argument));
    }
    Result<Value> result = function.call(arguments);
    if (!result) {
      return FailAt(command, "error calling " + name.name + ": " +
                                 result.error().message);
    }
    if (SizeOf(*result) > kMaxText) {
      return FailAt(command, "the text is too long");
    }
    return result;
  }

  std::string_view source_;
  const std::string& name_;
  const Record& data_;
  std::vector<std::pair<std::string, Value>> variables_;
  std::string out_;
  std::size_t work_ = 0;
};

}  // namespace

Result<std::string> RunTemplate(const std::vector<Node>& tree,
                                std::string_view source,
                                const std::string& name, const Record& data) {
  return Evaluator(source, name, data).Run(tree);
}

}  // namespace sextant::rules
