#include "api/pretty.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace sextant::api {
namespace {

TEST(Pretty, IndentsAsGoDoes) {
  EXPECT_EQ(Pretty(R"({"b":[1,{"c":{}}],"a":[],"s":"{\"x\":[,]}\\"})"
                   "\n"),
            R"({
  "b": [
    1,
    {
      "c": {}
    }
  ],
  "a": [],
  "s": "{\"x\":[,]}\\"
})");
}

TEST(Pretty, LeavesWhatIsPrettyAsItIs) {
  const std::string once = Pretty(R"({"paths":["/a","/b"]})");
  EXPECT_EQ(Pretty(once), once);
}

TEST(Pretty, ChangesNothingButBlanks) {
  const std::string json =
      R"([null,true,-1.5e3,"\u00e4 : , [",{"a":{"b":[[],[{}]]}}])";
  EXPECT_EQ(nlohmann::json::parse(Pretty(json)), nlohmann::json::parse(json));
}

}  // namespace
}  // namespace sextant::api
