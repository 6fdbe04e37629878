#include "sextant/config/check_flags.h"

#include <optional>
#include <utility>

#include "sextant/base/text.h"

namespace sextant::config {

namespace {

constexpr std::string_view kHelp =
    R"(Says what is wrong and what is doubtful in files of rules.

Usage:
  sextant check [flags] FILE...

A FILE is what serve --config takes, or a ConfigMap with it inside; - is
standard input.  What is found has a name in brackets; docs/LINT.md explains
each.

Examples:
  sextant check rules.yaml
  kubectl get configmap adapter-config -o yaml | sextant check -

Flags:
  --output=text|json            For people, or for programs (default text)
  --strict                      Warnings count as errors
  --color=auto|always|never     auto: on a terminal, unless NO_COLOR is set
                                (default auto)
  --standalone-resources=FILE   More resources than the built-in ones: what
                                kubectl get --raw /apis/GROUP/VERSION prints
  -h, --help                    Print this and end

Ends with 0 if nothing is wrong (notes and warnings aside), 1 if something is,
and 2 if this command line is.
)";

Error Wrong(std::string message) {
  return {ErrorCode::kInvalidArgument, std::move(message), ""};
}

// Walks over arguments that are flags with values, switches and others.
class Reader {
 public:
  explicit Reader(std::span<const std::string> arguments)
      : arguments_(arguments) {}

  Result<CheckFlags> Run() {
    while (at_ < arguments_.size()) {
      const std::string& argument = arguments_[at_++];
      if (only_files_ || argument == "-" || !argument.starts_with("-")) {
        flags_.files.push_back(argument);
      } else if (argument == "--") {
        only_files_ = true;
      } else if (Result<Done> taken = TakeFlag(argument); !taken) {
        return std::move(taken).error();
      }
    }
    if (!flags_.help && flags_.files.empty()) {
      return Wrong("no file is given; write sextant check FILE");
    }
    return flags_;
  }

 private:
  Result<Done> TakeFlag(const std::string& argument) {
    const std::size_t equals = argument.find('=');
    const std::string name = argument.substr(0, equals);
    std::optional<std::string> value;
    if (equals != std::string::npos) value = argument.substr(equals + 1);
    if (name == "-h" || name == "--help") {
      flags_.help = true;
      return Done{};
    }
    if (name == "--strict") {
      if (value && *value != "true" && *value != "false") {
        return Wrong("--strict: must be true or false, not " + GoQuote(*value));
      }
      flags_.strict = value != "false";
      return Done{};
    }
    const std::vector<std::string> known = {
        "--output", "--color", "--standalone-resources", "--strict", "--help"};
    if (name != known[0] && name != known[1] && name != known[2]) {
      const auto near = NearestWord(name, known);
      return Wrong("unknown flag: " + name +
                   (near ? "; did you mean " + *near + "?" : ""));
    }
    if (!value && at_ < arguments_.size()) value = arguments_[at_++];
    if (!value || value->empty()) return Wrong(name + ": needs a value");
    return TakeValue(name, *value);
  }

  Result<Done> TakeValue(const std::string& name, const std::string& value) {
    if (name == "--standalone-resources") {
      flags_.standalone_resources = value;
    } else if (name == "--output") {
      if (value != "text" && value != "json") {
        return Wrong("--output: must be text or json, not " + GoQuote(value));
      }
      flags_.json = value == "json";
    } else {
      if (value != "auto" && value != "always" && value != "never") {
        return Wrong("--color: must be auto, always or never, not " +
                     GoQuote(value));
      }
      flags_.color = value;
    }
    return Done{};
  }

  std::span<const std::string> arguments_;
  std::size_t at_ = 0;
  bool only_files_ = false;
  CheckFlags flags_;
};

}  // namespace

Result<CheckFlags> ParseCheckFlags(std::span<const std::string> arguments) {
  return Reader(arguments).Run();
}

std::string CheckHelpText() { return std::string(kHelp); }

}  // namespace sextant::config
