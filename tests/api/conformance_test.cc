// docs/CONFORMANCE.md is a table of the wire's checklist; here it is read.

#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <sstream>
#include <string>

#include "support/source_dir.h"

namespace sextant::api {
namespace {

std::string ReadFile(const std::string& path) {
  std::ifstream file(std::string(kSourceDir) + "/" + path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(Conformance, EveryItemHasARow) {
  const std::string page = ReadFile("docs/CONFORMANCE.md");
  for (int item = 1; item <= 100; ++item) {
    const std::string row = "\n| " + std::to_string(item) + " | ";
    EXPECT_NE(page.find(row), std::string::npos) << "no row for " << item;
    EXPECT_EQ(page.find(row), page.rfind(row)) << "two rows for " << item;
  }
}

TEST(Conformance, EveryTestThatIsNamedIsThere) {
  const std::string page = ReadFile("docs/CONFORMANCE.md");
  const std::regex reference(R"(`(tests/[a-z0-9_/]+\.(cc|py|go)): (\w+)`)");
  int found = 0;
  for (std::sregex_iterator at(page.begin(), page.end(), reference), end;
       at != end; ++at, ++found) {
    const std::string path = (*at)[1];
    const std::string name = (*at)[3];
    const std::string declared = (*at)[2] == "py"   ? "def " + name + "("
                                 : (*at)[2] == "go" ? "func " + name + "("
                                                    : ", " + name + ")";
    EXPECT_NE(ReadFile(path).find(declared), std::string::npos)
        << path << " has no " << name;
  }
  EXPECT_GT(found, 60);
}

}  // namespace
}  // namespace sextant::api
