#include "cloud/token_signer.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <string>

#include "support/fake_clock.h"
#include "support/result_matchers.h"
#include "support/run_task.h"

namespace sextant::cloud {
namespace {

using namespace std::chrono_literals;

struct Fixture {
  Task<Result<Renewed<BearerToken>::Lease>> Fetch() {
    ++asked;
    BearerToken token;
    token.token = "t" + std::to_string(asked);
    token.headers.Set("X-Goog-User-Project", "payer");
    co_return Renewed<BearerToken>::Lease{std::move(token), clock.Now() + 1h};
  }
  std::string Sign() {
    const auto signing =
        RunTask(loop, signer.Sign(request, clock.Now(), clock.Now() + 60s));
    return signing && *signing ? *request.headers.Find("Authorization")
                               : "(error)";
  }

  boost::asio::io_context loop;
  FakeClock clock{loop};
  int asked = 0;
  net::ClientRequest request;
  TokenSigner signer{[this](TimePoint) { return Fetch(); }, 225s, clock};
};

TEST(TokenSigner, PutsTheTokenInAndKeepsTheHeadersOfTheUser) {
  Fixture f;
  EXPECT_EQ(f.Sign(), "Bearer t1");
  EXPECT_EQ(*f.request.headers.Find("X-Goog-User-Project"), "payer");
  f.request.headers.Set("X-Goog-User-Project", "another");
  EXPECT_EQ(f.Sign(), "Bearer t1");
  EXPECT_EQ(f.request.headers.FindAll("X-Goog-User-Project").size(), 1U);
  EXPECT_EQ(*f.request.headers.Find("X-Goog-User-Project"), "another");
  EXPECT_EQ(f.request.headers.FindAll("Authorization").size(), 1U);
}

TEST(TokenSigner, RenewsInTime) {
  Fixture f;
  EXPECT_EQ(f.Sign(), "Bearer t1");
  f.clock.Advance(1h - 225s - 1ms);
  EXPECT_EQ(f.Sign(), "Bearer t1");
  f.clock.Advance(1ms);
  EXPECT_EQ(f.Sign(), "Bearer t2");
}

TEST(TokenSigner, RenewsWhatWasAnswered401AndNot403) {
  Fixture f;
  EXPECT_EQ(f.Sign(), "Bearer t1");
  EXPECT_FALSE(f.signer.Renew(f.request, 401, f.clock.Now()));
  f.clock.Advance(1min);
  EXPECT_FALSE(f.signer.Renew(f.request, 403, f.clock.Now()));
  EXPECT_EQ(f.Sign(), "Bearer t1");
  const net::ClientRequest refused = f.request;
  EXPECT_TRUE(f.signer.Renew(refused, 401, f.clock.Now()));
  EXPECT_EQ(f.Sign(), "Bearer t2");
  // Another request with the first token: the second is there for it.
  EXPECT_TRUE(f.signer.Renew(refused, 401, f.clock.Now()));
  EXPECT_EQ(f.Sign(), "Bearer t2");
  EXPECT_EQ(f.asked, 2);
}

}  // namespace
}  // namespace sextant::cloud
