#include "yaml_reader.h"

#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <optional>
#include <sstream>
#include <utility>

#include "yaml_builder.h"
#include "yaml_source.h"

namespace sextant::config {

namespace {

struct Wording {
  std::string_view yaml_cpp;  // how its message begins
  std::string_view message;
  std::string_view advice;
};

// yaml-cpp speaks of its tokens; these are the slips behind its messages.
constexpr Wording kWordings[] = {
    {"illegal map value", "a \":\" stands where no key can be",
     "put a text that has \": \" in it in quotes, or check the indentation"},
    {"end of map not found", "this is neither a key of the map nor its end",
     "check the indentation, and the quotes of the line before; quotes inside "
     "a quoted text are written \\\""},
    {"end of sequence not found",
     "this is neither an item of the list nor its end",
     "check the indentation, and that each item begins with a dash"},
    {"end of map flow not found", "a \"{\" is never closed", "add the \"}\""},
    {"end of sequence flow not found", "a \"[\" is never closed",
     "add the \"]\""},
    {"illegal EOF in scalar", "the quoted text is never closed",
     "check the quotes; is the end of the file missing?"},
    {"illegal block entry", "a list cannot begin here",
     "check the indentation of the dash; tabs do not indent"},
    {"the referenced anchor is not defined",
     "the alias stands for an anchor that is not defined before it",
     "define it with &NAME, or put a text that begins with * in quotes"},
    {"unknown token", "this character cannot begin a value",
     "put the value in quotes; tabs do not indent"},
    {"unknown escape character",
     "after a backslash in double quotes comes something unknown",
     "use single quotes, or write the backslash twice"},
};

void AddYamlError(const std::string& file, const YAML::Exception& error,
                  Problems& problems) {
  const Position at = error.mark.is_null() ? Position{}
                                           : Position{error.mark.line + 1,
                                                      error.mark.column + 1};
  for (const Wording& wording : kWordings) {
    if (error.msg.rfind(wording.yaml_cpp, 0) != 0) continue;
    problems.Error(file, at, "", std::string(wording.message),
                   std::string(wording.advice));
    return;
  }
  problems.Error(file, at, "", "not valid YAML: " + error.msg,
                 "check the indentation and the quotes");
}

bool IsReadable(const std::string& file, std::string_view text,
                const YamlLimits& limits, Problems& problems) {
  if (text.size() > limits.bytes) {
    problems.Error(
        file, {}, "",
        "the file has more than " + std::to_string(limits.bytes) + " bytes",
        "split it");
    return false;
  }
  const std::optional<BadByte> bad = FindBadByte(text);
  if (!bad) {
    const std::optional<Position> stray = FindStrayDirective(text);
    if (!stray) return true;
    problems.Error(file, *stray, "",
                   "a line that begins with % is no part of a document",
                   "comments begin with #");
    return false;
  }
  if (bad->utf8) {
    problems.Error(file, bad->at, "",
                   "there is a control character in the file",
                   "remove it; in double quotes it can be written as \\xNN");
  } else {
    problems.Error(file, bad->at, "", "the file is not UTF-8",
                   "save it as UTF-8");
  }
  return false;
}

// Where a document begins; reads no further.
class StartFinder final : public YAML::EventHandler {
 public:
  struct Found : std::exception {
    explicit Found(const YAML::Mark& where) : mark(where) {}
    YAML::Mark mark;
  };

  void OnDocumentStart(const YAML::Mark& mark) override { throw Found(mark); }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t,
                const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {}
  void OnMapEnd() override {}
};

bool HasNextDocument(std::string_view text, YAML::Parser& parser,
                     YAML::Mark& mark) {
  StartFinder finder;
  try {
    parser.HandleNextDocument(finder);
    return false;
  } catch (const StartFinder::Found& found) {
    mark = found.mark;
  }
  CheckDocumentStart(text, mark);
  return true;
}

void ReadDocuments(const std::string& file, std::string_view text,
                   const YamlLimits& limits, YAML::Parser& parser,
                   std::vector<YamlNodePtr>& documents, Problems& problems) {
  YamlBuilder builder(file, text, limits, problems);
  while (parser.HandleNextDocument(builder)) {
    documents.push_back(builder.TakeRoot());
    if (limits.all_documents) continue;
    YAML::Mark mark;
    if (HasNextDocument(text, parser, mark)) {
      problems.Add({Problem::Severity::kWarning,
                    file,
                    {mark.line + 1, mark.column + 1},
                    "",
                    "only the first document of the file is read, and here "
                    "begins another",
                    "move it to a file of its own, or remove the ---",
                    "more-documents"});
    }
    return;
  }
}

}  // namespace

std::vector<YamlNodePtr> ReadYaml(const std::string& file,
                                  std::string_view text,
                                  const YamlLimits& limits,
                                  Problems& problems) {
  std::vector<YamlNodePtr> documents;
  text = WithoutByteOrderMark(text);
  if (!IsReadable(file, text, limits, problems)) return documents;
  std::istringstream stream{std::string(text)};
  try {
    YAML::Parser parser(stream);
    ReadDocuments(file, text, limits, parser, documents, problems);
  } catch (const YAML::Exception& error) {
    AddYamlError(file, error, problems);
  } catch (const YamlStop& stop) {
    problems.Error(file, stop.at, stop.field, stop.message, stop.advice);
  }
  return documents;
}

}  // namespace sextant::config
