#include "app/followed_credentials.h"

#include <gmock/gmock.h>

#include <boost/asio/io_context.hpp>
#include <string>
#include <vector>

#include "support/fake_clock.h"
#include "support/result_matchers.h"
#include "support/test_certificates.h"

namespace sextant::app {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

Credentials With(std::optional<std::string> token, std::string ca_pem = "") {
  Credentials credentials;
  credentials.token = std::move(token);
  credentials.tls.ca_pem = std::move(ca_pem);
  credentials.files = {"/run/token"};
  return credentials;
}

// Credentials whose files hold `now`.
struct Followed {
  explicit Followed(Credentials first) : now(first) {
    FollowedCredentials::Options options;
    options.kind = "x_credentials";
    options.whose = "the server";
    options.read = [this] { return now; };
    options.describe = [](const Credentials&) { return "words"; };
    credentials.emplace(std::move(options), std::move(first), clock);
    credentials->OnToken(
        [this](const std::string& token) { tokens.push_back(token); });
  }

  boost::asio::io_context loop;
  FakeClock clock{loop};
  obs::Metrics metrics;
  FileReports reports{clock, metrics};
  Result<Credentials> now;
  std::vector<std::string> tokens;
  std::optional<FollowedCredentials> credentials;
};

TEST(FollowedCredentials, ATokenThatChangesIsHandedOn) {
  Followed f(With("a"));
  EXPECT_THAT(f.credentials->Followers(f.reports), SizeIs(1));
  f.credentials->Reload(f.reports);
  EXPECT_THAT(f.tokens, IsEmpty());
  f.now = With("b");
  f.credentials->Reload(f.reports);
  f.credentials->Reload(f.reports);
  EXPECT_THAT(f.tokens, ElementsAre("b"));
  EXPECT_EQ(f.credentials->current().token, "b");
  EXPECT_THAT(f.reports.Notes(), IsEmpty());
}

TEST(FollowedCredentials, WhatCannotBeUsedLeavesTheLastGoodOnes) {
  const std::string bad_pem = "-----BEGIN CERTIFICATE-----\nMA==\n";
  struct Case {
    const char* what;
    Result<Credentials> now;
    const char* note;
  };
  const Case cases[] = {
      {"unreadable", Error{ErrorCode::kInvalidArgument, "cannot read it", ""},
       "cannot read it"},
      {"without the token", With(std::nullopt),
       "there is no token in it any more"},
      {"a CA that is none", With("b", bad_pem), ""},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.what);
    Followed f(With("a"));
    ASSERT_THAT(f.credentials->AddClient({}), IsOk());
    (void)f.credentials->Followers(f.reports);
    f.now = c.now;
    f.credentials->Reload(f.reports);
    EXPECT_EQ(f.credentials->current().token, "a");
    EXPECT_THAT(f.tokens, IsEmpty());
    const std::string note = "[-]x_credentials kept, the file cannot be used: ";
    EXPECT_THAT(f.reports.Notes(), ElementsAre(HasSubstr(note + c.note)));
    f.now = With("a");
    f.credentials->Reload(f.reports);
    EXPECT_THAT(f.reports.Notes(), IsEmpty());
  }
}

TEST(FollowedCredentials, AClientNeedsCredentialsThatCanBeUsed) {
  Followed f(With("a", "-----BEGIN CERTIFICATE-----\nMA==\n"));
  EXPECT_THAT(f.credentials->AddClient({}),
              FailsWith(ErrorCode::kInvalidArgument,
                        HasSubstr("the credentials of the server: ")));
}

TEST(FollowedCredentials, WithoutFilesThereIsNothingToFollow) {
  Credentials fixed = With("a");
  fixed.files.clear();
  Followed f(fixed);
  EXPECT_THAT(f.credentials->Followers(f.reports), IsEmpty());
  f.now = With("b");
  f.credentials->Reload(f.reports);
  EXPECT_EQ(f.credentials->current().token, "a");
}

}  // namespace
}  // namespace sextant::app
