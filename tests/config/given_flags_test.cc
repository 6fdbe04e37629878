#include "config/given_flags.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sextant::config {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Arguments = std::vector<std::string>;

constexpr Flag kFlags[] = {
    {.name = "file", .value = "FILE"},
    {.name = "on", .letter = "o", .kind = FlagKind::kSwitch},
    {.name = "v", .letter = "v", .kind = FlagKind::kInteger, .value = "LEVEL"},
    {.name = "list", .kind = FlagKind::kList, .value = "NAMES"},
    {.name = "wait", .kind = FlagKind::kDuration, .value = "TIME"},
};
constexpr Flag kOldFlags[] = {{.name = "log-dir", .value = "DIRECTORY"}};
const FlagGroup kKnown[] = {{"New", kFlags}, {"Old", kOldFlags, true}};

struct Taken {
  GivenFlags given;
  std::vector<std::string> rest;
  std::string wrong;
};

Taken Take(const Arguments& arguments) {
  Taken taken;
  Complaints complaints;
  taken.given = GivenFlags::Take(arguments, kKnown, taken.rest, complaints);
  taken.given.CheckValues(complaints);
  taken.wrong = complaints.ToError().message;
  return taken;
}

TEST(GivenFlags, AreReadInEveryFormOfPflag) {
  for (const Arguments& arguments : std::vector<Arguments>{
           {"--file=a=b", "--on", "--v=4"},
           {"--file", "a=b", "--on=true", "-v", "4"},
           {"--on=false", "-o", "-v=4", "--file=x", "--file=a=b"},
           {"-o=1", "-v4", "--file=a=b"}}) {
    SCOPED_TRACE(::testing::PrintToString(arguments));
    const Taken taken = Take(arguments);
    EXPECT_EQ(taken.wrong, "");
    EXPECT_THAT(taken.rest, IsEmpty());
    EXPECT_EQ(taken.given.Text("file"), "a=b");
    bool on = false;
    taken.given.Read("on", on);
    EXPECT_TRUE(on);
    int level = 0;
    taken.given.ReadInteger("v", level);
    EXPECT_EQ(level, 4);
    EXPECT_EQ(taken.given.flags().size(), 3U);
  }
}

TEST(GivenFlags, AValueMayBeginWithADash) {
  const Taken taken = Take({"--file", "-", "-v", "-1"});
  EXPECT_EQ(taken.given.Text("file"), "-");
  EXPECT_EQ(taken.wrong,
            "-v: must be a whole number of at least 0, not \"-1\"");
}

TEST(GivenFlags, WhatIsUnknownStaysInOrder) {
  const Taken taken =
      Take({"a", "--files=x", "--file=y", "-x", "-ov", "--", "--on"});
  EXPECT_THAT(taken.rest,
              ElementsAre("a", "--files=x", "-x", "-ov", "--", "--on"));
  EXPECT_EQ(taken.given.Text("file"), "y");
  EXPECT_FALSE(taken.given.Has("on"));
}

TEST(GivenFlags, UnderscoresAreDashesWhereTheyAlwaysWere) {
  const Taken taken = Take({"--log_dir=a", "--log-dir", "b", "--fi_le=c"});
  EXPECT_THAT(taken.given.All("log-dir"), ElementsAre("a", "b"));
  EXPECT_THAT(taken.rest, ElementsAre("--fi_le=c"));
}

TEST(GivenFlags, ListsAddUpAndAnEmptyOneIsNone) {
  std::vector<std::string> list = {"default"};
  Take({"--on"}).given.Read("list", list);
  EXPECT_THAT(list, ElementsAre("default"));
  Take({"--list=a,b", "--list", "\"c,d\""}).given.Read("list", list);
  EXPECT_THAT(list, ElementsAre("a", "b", "c,d"));
  Take({"--list="}).given.Read("list", list);
  EXPECT_THAT(list, IsEmpty());
}

TEST(GivenFlags, AMissingValueIsAComplaint) {
  EXPECT_EQ(Take({"--file"}).wrong,
            "--file: its value is missing; write --file=FILE");
  EXPECT_EQ(Take({"--file", "--on", "-v"}).wrong,
            "--file: its value is missing; write --file=FILE\n"
            "-v: its value is missing; write -v=LEVEL");
}

TEST(GivenFlags, AWrongValueIsNotGiven) {
  const Taken taken = Take({"--wait=1s", "--wait=soon", "--on=?", "--file="});
  EXPECT_EQ(taken.wrong,
            "--wait: time: invalid duration \"soon\"; write it like 30s, 5m or "
            "1h30m\n"
            "--on: must be true or false, not \"?\"");
  EXPECT_FALSE(taken.given.Has("wait"));
  EXPECT_FALSE(taken.given.Has("on"));
  EXPECT_TRUE(taken.given.Has("file"));
  EXPECT_EQ(taken.given.flags().size(), 1U);
}

}  // namespace
}  // namespace sextant::config
