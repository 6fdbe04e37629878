#include "template_parser.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "sextant/base/text.h"
#include "template_functions.h"
#include "template_lexer.h"

namespace sextant::rules {

namespace {

using TokenKind = Token::Kind;

// A template is parsed, run and destroyed by recursion.
constexpr int kMaxDepth = 100;

class Parser {
 public:
  Parser(std::string_view source, std::vector<Token> tokens)
      : source_(source), tokens_(std::move(tokens)) {}

  Result<std::vector<Node>> Run() {
    Result<List> all = ParseList();
    if (!all) return std::move(all).error();
    if (all->end != "") {
      return Fail(all->end_at, "unexpected <<" + all->end + ">>");
    }
    return std::move(all->nodes);
  }

 private:
  // Nodes up to an end, else or the end of the text.
  struct List {
    std::vector<Node> nodes;
    std::string end;  // "end", "else"; empty: the text's
    std::size_t end_at = 0;
  };

  // Counts how deep the recursion is, for as long as it lives.
  class Deeper {
   public:
    explicit Deeper(int& depth) : depth_(depth) { ++depth_; }
    ~Deeper() { --depth_; }
    Deeper(const Deeper&) = delete;
    Deeper& operator=(const Deeper&) = delete;

   private:
    int& depth_;
  };

  Error Fail(std::size_t at, const std::string& message) const {
    return TemplateError(source_, at, message);
  }

  const Token& Peek(std::size_t ahead = 0) const {
    return tokens_[std::min(next_ + ahead, tokens_.size() - 1)];
  }
  const Token& Take() { return tokens_[std::min(next_++, tokens_.size() - 1)]; }
  bool At(TokenKind kind) const { return Peek().kind == kind; }
  bool AtWord(std::string_view word) const {
    return At(TokenKind::kIdentifier) && Peek().text == word;
  }
  std::string Source(const Token& token) const {
    return std::string(source_.substr(token.begin, token.end - token.begin));
  }

  // >> after a keyword that stands alone.
  Result<Done> TakeRight(const std::string& context) {
    if (!At(TokenKind::kRight)) {
      return Fail(Peek().begin,
                  "unexpected " + Source(Peek()) + " in " + context);
    }
    Take();
    return Done{};
  }

  Result<List> ParseList() {
    const Deeper deeper(depth_);
    if (depth_ > kMaxDepth) return Fail(Peek().begin, "nested too deeply");
    List list;
    while (true) {
      const Token& token = Take();
      if (token.kind == TokenKind::kEnd) return list;
      if (token.kind == TokenKind::kText) {
        Node text;
        text.text = token.text;
        list.nodes.push_back(std::move(text));
        continue;
      }
      // Every other token here is a <<.
      if (AtWord("end") || AtWord("else")) {
        list.end_at = token.begin;
        list.end = Take().text;
        return list;
      }
      Result<Node> action = ParseAction();
      if (!action) return std::move(action).error();
      list.nodes.push_back(*std::move(action));
    }
  }

  Result<Node> ParseAction() {
    Node node;
    const std::size_t at = Peek().begin;
    const std::string word =
        At(TokenKind::kIdentifier) ? Peek().text : std::string();
    if (word == "if" || word == "range" || word == "with") {
      Take();
      node.kind = word == "if"      ? Node::Kind::kIf
                  : word == "range" ? Node::Kind::kRange
                                    : Node::Kind::kWith;
      Result<Done> control = ParseControl(word, at, &node);
      if (!control) return std::move(control).error();
      return node;
    }
    if (word == "break" || word == "continue") {
      Take();
      if (ranges_ == 0) {
        return Fail(at, "<<" + word + ">> outside <<range>>");
      }
      node.kind = word == "break" ? Node::Kind::kBreak : Node::Kind::kContinue;
      Result<Done> right = TakeRight("<<" + word + ">>");
      if (!right) return std::move(right).error();
      return node;
    }
    if (word == "define" || word == "template" || word == "block") {
      return Fail(at, "<<" + word +
                          ">> is not supported: write the text where it is "
                          "needed");
    }
    node.kind = Node::Kind::kAction;
    Result<Pipeline> pipeline = ParsePipeline("command", TokenKind::kRight);
    if (!pipeline) return std::move(pipeline).error();
    node.pipeline = *std::move(pipeline);
    return node;
  }

  // What follows if, range or with, up to its end.
  Result<Done> ParseControl(const std::string& word, std::size_t at,
                            Node* node) {
    const std::size_t scope = variables_.size();
    const int loop = word == "range" ? 1 : 0;
    Result<Pipeline> pipeline = ParsePipeline(word, TokenKind::kRight);
    if (!pipeline) return std::move(pipeline).error();
    node->pipeline = *std::move(pipeline);
    const std::size_t inside = variables_.size();

    ranges_ += loop;
    Result<List> body = ParseList();
    ranges_ -= loop;
    if (!body) return std::move(body).error();
    variables_.resize(inside);
    node->body = std::move(body->nodes);

    std::string end = body->end;
    if (end == "else") {
      // <<else if x>> is short for <<else>><<if x>> with one end for both.
      if (word != "range" && AtWord(word)) {
        const Deeper deeper(depth_);
        Result<Node> nested = ParseAction();
        if (!nested) return std::move(nested).error();
        node->otherwise.push_back(*std::move(nested));
        variables_.resize(scope);
        return Done{};
      }
      Result<Done> right = TakeRight("else");
      if (!right) return right;
      Result<List> otherwise = ParseList();
      if (!otherwise) return std::move(otherwise).error();
      node->otherwise = std::move(otherwise->nodes);
      end = otherwise->end;
      if (end == "else") {
        return Fail(otherwise->end_at, "expected <<end>>, found <<else>>");
      }
    }
    if (end.empty()) return Fail(at, "<<" + word + ">> has no <<end>>");
    variables_.resize(scope);
    return TakeRight("end");
  }

  // `$x :=`, `$x =`, and in a range `$k, $v :=`, if it is there.
  Result<Done> ParseDeclaration(const std::string& context,
                                Pipeline* pipeline) {
    if (!At(TokenKind::kVariable)) return Done{};
    const TokenKind second = Peek(1).kind;
    if (second == TokenKind::kComma) {
      if (context != "range") {
        return Fail(Peek(1).begin, "too many declarations in " + context);
      }
      if (Peek(2).kind != TokenKind::kVariable) {
        return Fail(Peek(2).begin, "range can only initialize variables");
      }
      if (Peek(3).kind == TokenKind::kComma) {
        return Fail(Peek(3).begin, "too many declarations in range");
      }
    } else if (second != TokenKind::kDeclare && second != TokenKind::kAssign) {
      return Done{};
    }
    const std::size_t at = Peek().begin;
    pipeline->variables.push_back(Take().text);
    if (At(TokenKind::kComma)) {
      Take();
      pipeline->variables.push_back(Take().text);
    }
    if (!At(TokenKind::kDeclare) && !At(TokenKind::kAssign)) {
      return Fail(Peek().begin, "expected := after the variables");
    }
    pipeline->assigns = Take().kind == TokenKind::kAssign;
    for (const std::string& name : pipeline->variables) {
      if (name == "$") return Fail(at, "$ cannot be set");
      if (pipeline->assigns && !IsDeclared(name)) {
        return Fail(at, "undefined variable \"" + name + "\"");
      }
    }
    return Done{};
  }

  bool IsDeclared(const std::string& name) const {
    return name == "$" || std::find(variables_.begin(), variables_.end(),
                                    name) != variables_.end();
  }

  // Up to and with `end`.
  Result<Pipeline> ParsePipeline(const std::string& context, TokenKind end) {
    const Deeper deeper(depth_);
    if (depth_ > kMaxDepth) return Fail(Peek().begin, "nested too deeply");
    Pipeline pipeline;
    const std::size_t at = Peek().begin;
    Result<Done> declaration = ParseDeclaration(context, &pipeline);
    if (!declaration) return std::move(declaration).error();
    while (!At(end)) {
      Result<Command> command = ParseCommand();
      if (!command) return std::move(command).error();
      using Kind = Operand::Kind;
      const Kind first = command->words.front().kind;
      if (!pipeline.commands.empty() &&
          (first == Kind::kDot || first == Kind::kNil ||
           first == Kind::kLiteral)) {
        return Fail(command->begin,
                    "non executable command in pipeline stage " +
                        std::to_string(pipeline.commands.size() + 1));
      }
      pipeline.commands.push_back(*std::move(command));
      if (At(TokenKind::kPipe)) Take();
    }
    if (pipeline.commands.empty()) {
      return Fail(at, "missing value for " + context);
    }
    Take();
    // `$x := $x` means the one that was there before.
    if (!pipeline.assigns) {
      variables_.insert(variables_.end(), pipeline.variables.begin(),
                        pipeline.variables.end());
    }
    return pipeline;
  }

  // Operands up to a pipe or the end of the pipeline.
  Result<Command> ParseCommand() {
    Command command;
    command.begin = Peek().begin;
    while (!At(TokenKind::kPipe) && !At(TokenKind::kRight) &&
           !At(TokenKind::kRightParen)) {
      if (!command.words.empty() && !Peek().space_before) {
        return Fail(Peek().begin, "unexpected " + Source(Peek()) +
                                      " in operand; is a blank missing?");
      }
      Result<Operand> operand = ParseOperand();
      if (!operand) return std::move(operand).error();
      command.end = operand->end;
      command.words.push_back(*std::move(operand));
    }
    if (command.words.empty()) {
      return Fail(Peek().begin, "unexpected " + Source(Peek()) + " in command");
    }
    return command;
  }

  Result<Operand> ParseOperand() {
    const Token& token = Take();
    Operand operand;
    operand.begin = token.begin;
    bool takes_fields = false;
    using Kind = Operand::Kind;
    switch (token.kind) {
      case TokenKind::kDot:
        operand.kind = Kind::kDot;
        break;
      case TokenKind::kLiteral:
        operand.kind = Kind::kLiteral;
        operand.literal = token.literal;
        break;
      case TokenKind::kField:
        operand.kind = Kind::kField;
        operand.fields.push_back(token.text);
        takes_fields = true;
        break;
      case TokenKind::kVariable:
        if (!IsDeclared(token.text)) {
          return Fail(token.begin, "undefined variable \"" + token.text + "\"");
        }
        operand.kind = Kind::kVariable;
        operand.name = token.text;
        takes_fields = true;
        break;
      case TokenKind::kLeftParen: {
        operand.kind = Kind::kParenthesis;
        Result<Pipeline> inner =
            ParsePipeline("parenthesized pipeline", TokenKind::kRightParen);
        if (!inner) return std::move(inner).error();
        operand.inner = std::make_unique<Pipeline>(*std::move(inner));
        takes_fields = true;
        break;
      }
      case TokenKind::kIdentifier: {
        Result<Done> word = SetWord(token, &operand);
        if (!word) return std::move(word).error();
        break;
      }
      default:
        return Fail(token.begin, "unexpected " + Source(token) + " in command");
    }
    while (At(TokenKind::kField) && !Peek().space_before) {
      if (!takes_fields) {
        return Fail(Peek().begin, "unexpected . after term " + Source(token));
      }
      operand.fields.push_back(Take().text);
    }
    operand.end = tokens_[next_ - 1].end;
    return operand;
  }

  Result<Done> SetWord(const Token& token, Operand* operand) {
    if (token.text == "true" || token.text == "false") {
      operand->kind = Operand::Kind::kLiteral;
      operand->literal = token.text == "true";
    } else if (token.text == "nil") {
      operand->kind = Operand::Kind::kNil;
    } else if (FindFunction(token.text) != nullptr) {
      operand->kind = Operand::Kind::kFunction;
      operand->name = token.text;
    } else if (token.text == "call") {
      return Fail(token.begin,
                  "call is not supported: no value here is a function");
    } else {
      std::string message = "function \"" + token.text + "\" not defined";
      if (const auto near = NearestWord(token.text, FunctionNames())) {
        message += ", did you mean \"" + *near + "\"?";
      }
      return Fail(token.begin, message);
    }
    return Done{};
  }

  std::string_view source_;
  std::vector<Token> tokens_;
  std::size_t next_ = 0;
  int depth_ = 0;
  int ranges_ = 0;  // that are open
  std::vector<std::string> variables_;
};

// Collects uses of fields; `dot` says whether dot is the template's data.
class FieldFinder {
 public:
  void Visit(const std::vector<Node>& nodes, bool dot) {
    for (const Node& node : nodes) {
      Visit(node.pipeline, dot);
      const bool keeps_dot =
          node.kind != Node::Kind::kRange && node.kind != Node::Kind::kWith;
      Visit(node.body, dot && keeps_dot);
      Visit(node.otherwise, dot);
    }
  }

  std::vector<FieldUse> uses;

 private:
  void Visit(const Pipeline& pipeline, bool dot) {
    for (const Command& command : pipeline.commands) {
      for (const Operand& word : command.words) {
        if (word.inner) Visit(*word.inner, dot);
        const bool of_data =
            (word.kind == Operand::Kind::kField && dot) ||
            (word.kind == Operand::Kind::kVariable && word.name == "$");
        if (of_data && !word.fields.empty()) {
          uses.push_back({word.fields.front(), word.begin});
        }
      }
    }
  }
};

}  // namespace

Result<std::vector<Node>> ParseTemplate(std::string_view source) {
  Result<std::vector<Token>> tokens = LexTemplate(source);
  if (!tokens) return std::move(tokens).error();
  return Parser(source, *std::move(tokens)).Run();
}

std::vector<FieldUse> FieldsOfData(const std::vector<Node>& tree) {
  FieldFinder finder;
  finder.Visit(tree, true);
  return std::move(finder.uses);
}

}  // namespace sextant::rules
