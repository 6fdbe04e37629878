#include "sextant/base/json_stream.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace sextant {
namespace {

// The events as text: "{ key=a 1 }" and so on.
class Teller final : public JsonEvents {
 public:
  bool On(const JsonEvent& event) override {
    using Kind = JsonEvent::Kind;
    const auto word = [&event]() -> std::string {
      switch (event.kind) {
        case Kind::kObject:
          return "{";
        case Kind::kArray:
          return "[";
        case Kind::kEndObject:
          return "}";
        case Kind::kEndArray:
          return "]";
        case Kind::kKey:
          return "key=" + std::string(event.text);
        case Kind::kString:
          return "'" + std::string(event.text) + "'";
        case Kind::kNumber:
          return std::to_string(static_cast<int>(event.number));
        case Kind::kBool:
          return event.truth ? "true" : "false";
        case Kind::kNull:
          return "null";
      }
      return "?";
    };
    told += (told.empty() ? "" : " ") + word();
    return told.find("'stop'") == std::string::npos;
  }

  std::string told;
};

struct Outcome {
  std::string told;
  bool whole = false;
  std::string why;
};

Outcome Read(JsonStream::Values values, std::string_view text,
             std::size_t piece) {
  Teller teller;
  JsonStream stream(teller, values);
  for (; !text.empty(); text.remove_prefix(std::min(piece, text.size()))) {
    if (!stream.Take(text.substr(0, piece))) break;
  }
  Outcome outcome;
  outcome.whole = stream.Finish();
  outcome.told = teller.told;
  outcome.why = stream.why();
  return outcome;
}

TEST(JsonStream, TellsTheSameInPiecesOfAnySize) {
  constexpr auto kOne = JsonStream::Values::kOne;
  constexpr auto kMany = JsonStream::Values::kMany;
  struct Case {
    JsonStream::Values values;
    std::string text;
    std::string told;
    bool whole;
    std::string why;
  };
  const Case cases[] = {
      {kOne, R"({"a":["b",1,true,null]})", "{ key=a [ 'b' 1 true null ] }",
       true, ""},
      {kOne, " [1] [2", "[ 1 ]", true, ""},
      {kOne, "", "", false, "EOF"},
      {kOne, "  ", "", false, "the reply ends too early, after byte 2"},
      {kOne, "[1", "[ 1", false, "the reply ends too early, after byte 2"},
      {kOne, "['", "[", false, "not JSON: syntax error"},
      {kOne, R"(["stop",1])", "[ 'stop'", false, ""},
      {kMany, "", "", true, ""},
      {kMany, " \n", "", true, ""},
      {kMany, "[1]\n[2]\n", "[ 1 ] [ 2 ]", true, ""},
      {kMany, R"({"a":1}{"b":"c"} )", "{ key=a 1 } { key=b 'c' }", true, ""},
      {kMany, "[1]\n[2", "[ 1 ] [ 2", false,
       "the reply ends too early, after byte 6"},
      {kMany, "[1]\n]", "[ 1 ]", false, "not JSON: syntax error"},
  };
  for (const Case& c : cases) {
    for (std::size_t piece = 1; piece <= c.text.size() + 1; ++piece) {
      SCOPED_TRACE(c.text + " by " + std::to_string(piece));
      const Outcome outcome = Read(c.values, c.text, piece);
      // A number has ended when something else comes; so it may not be told.
      if (outcome.why.find("early") == std::string::npos) {
        EXPECT_EQ(outcome.told, c.told);
      }
      EXPECT_EQ(outcome.whole, c.whole);
      EXPECT_EQ(outcome.why, c.why);
    }
  }
}

TEST(JsonStream, TellsAValueAsSoonAsItsLastByteIsThere) {
  Teller teller;
  JsonStream stream(teller, JsonStream::Values::kMany);
  EXPECT_TRUE(stream.Take(R"({"a":1})"));
  EXPECT_EQ(teller.told, "{ key=a 1 }");
  EXPECT_TRUE(stream.Take("\n"));
  EXPECT_TRUE(stream.Take(R"({"b":2})"));
  EXPECT_EQ(teller.told, "{ key=a 1 } { key=b 2 }");
}

TEST(JsonStream, RefusesWhatIsTooLongOrTooDeep) {
  const std::string long_text = "\"" + std::string(1024 * 1024 + 1, 'x') + "\"";
  EXPECT_EQ(Read(JsonStream::Values::kMany, long_text, 4096).why,
            "not JSON: string too large");
  EXPECT_EQ(Read(JsonStream::Values::kMany, std::string(65, '['), 4096).why,
            "not JSON: too deep");
}

}  // namespace
}  // namespace sextant
