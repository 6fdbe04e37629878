#include "sextant/base/file.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <string>

#include "support/result_matchers.h"
#include "support/temp_folder.h"

namespace sextant {
namespace {

TEST(ReadFile, GivesTheContentOrSaysWhyNot) {
  const TempFolder folder;
  const std::string path = folder.Put("file", std::string(40000, 'x'));
  const auto content = ReadFile(path, 40000);
  ASSERT_THAT(content, IsOk());
  EXPECT_EQ(content->size(), 40000U);
  EXPECT_THAT(
      ReadFile(path, 39999),
      FailsWith(ErrorCode::kTooLarge,
                "cannot read " + path + ": it is larger than 39999 bytes"));
  std::remove(path.c_str());
  EXPECT_THAT(ReadFile(path, 1),
              FailsWith(ErrorCode::kInvalidArgument,
                        "cannot read " + path + ": No such file or directory"));
}

TEST(ReadFile, OfAFolderIsAnError) {
  EXPECT_THAT(ReadFile("/", 1), FailsWith(ErrorCode::kInvalidArgument,
                                          "cannot read /: Is a directory"));
}

}  // namespace
}  // namespace sextant
