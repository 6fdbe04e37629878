// What a PrometheusBackend proves with, and that it keeps it to itself.

#include <gmock/gmock.h>

#include "backend/fixture.h"
#include "sextant/backend/held_token.h"
#include "support/result_matchers.h"

namespace sextant::backend {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

TEST(PrometheusCredentials, SendsTheUserInfoOfTheUrlAsBasicAuthorization) {
  struct Case {
    const char* url;
    const char* header;
  };
  const Case cases[] = {
      {"http://u:p@h", "Basic dTpw"},
      {"http://u@h", "Basic dTo="},
      {"http://u:p%40s@h", "Basic dTpwQHM="},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.url);
    Fixture f(c.url);
    f.client.Answer("/api/v1/query", {.body = kEmptyVector});
    ASSERT_THAT(f.Query(), IsOk());
    EXPECT_EQ(Header(f.client.requests[0], "Authorization"), c.header);
    EXPECT_EQ(f.client.requests[0].url.user_info, "");
  }
}

TEST(PrometheusCredentials, SendsTheStrongestOfItsCredentials) {
  const struct {
    const char* what;
    const char* url;
    net::Headers headers;
    const char* token;
    const char* want;
  } cases[] = {
      {"nothing", "http://h", {}, nullptr, "(none)"},
      {"user info", "http://u:p@h", {}, nullptr, "Basic dTpw"},
      {"a token", "http://u:p@h", {}, "tok", "Bearer tok"},
      {"a header",
       "http://u:p@h",
       {{"authorization", "Custom x"}},
       "tok",
       "Custom x"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.what);
    PrometheusBackend::Options options = At(c.url);
    options.headers = c.headers;
    HeldToken token(c.token == nullptr ? "" : c.token);
    if (c.token != nullptr) options.signer = &token;
    Fixture f(options);
    (void)f.Query();
    EXPECT_EQ(Header(f.client.requests[0], "Authorization"), c.want);
    EXPECT_EQ(f.client.requests[0].url.user_info, "");
  }
}

TEST(PrometheusCredentials, AnotherTokenCountsForTheNextRequest) {
  HeldToken token("first");
  PrometheusBackend::Options options = At("http://h");
  options.signer = &token;
  Fixture f(options);
  (void)f.Query();
  token.Set("second");
  (void)f.Query();
  EXPECT_EQ(Header(f.client.requests[0], "Authorization"), "Bearer first");
  EXPECT_EQ(Header(f.client.requests[1], "Authorization"), "Bearer second");
}

TEST(PrometheusCredentials, SaysWhichCredentialsWereRefused) {
  HeldToken token("secret");
  PrometheusBackend::Options options = At("http://h");
  options.signer = &token;
  options.credentials = "the token of /tokens/prom";
  Fixture f(options);
  f.client.Answer("/api/v1/query", {.status = 401, .body = "secret?"});
  const Result<model::QueryResult> answer = f.Query();
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().message, "bad_response: unknown response code 401");
  EXPECT_EQ(answer.error().detail,
            "the backend asks for credentials, or refuses those it got; "
            "credentials sent: the token of /tokens/prom");
}

TEST(PrometheusCredentials, DoesNotRepeatCredentialsThatAReplyRepeats) {
  const struct {
    const char* what;
    const char* url;
    net::Headers headers;
    const char* token;
    const char* secret;
  } cases[] = {
      {"a token", "http://h", {}, "s3cret-token", "s3cret-token"},
      {"a password", "http://u:s3cret-word@h", {}, nullptr, "s3cret-word"},
      {"the two encoded", "http://u:pw@h", {}, nullptr, "dTpwdw=="},
      {"a header",
       "http://h",
       {{"X-Key", "s3cret-key"}},
       nullptr,
       "s3cret-key"},
      {"a header's token",
       "http://h",
       {{"Authorization", "Bearer s3cret"}},
       nullptr,
       "s3cret"},
  };
  const char* const kReplies[] = {
      R"({"status":"error","errorType":"bad_data","error":"got % and %"})",
      R"({"error":{"code":403,"status":"DENIED %","message":"no: %"}})",
      R"({"message":"The signature does not match: 'x:%'"})",
  };
  for (const auto& c : cases) {
    for (const char* shape : kReplies) {
      for (const int status : {400, 401, 403, 503}) {
        SCOPED_TRACE(std::string(c.what) + " " + shape);
        PrometheusBackend::Options options = At(c.url);
        options.headers = c.headers;
        HeldToken token(c.token == nullptr ? "" : c.token);
        if (c.token != nullptr) options.signer = &token;
        Fixture f(options);
        std::string body = shape;
        for (std::size_t at; (at = body.find('%')) != std::string::npos;) {
          body.replace(at, 1, c.secret);
        }
        f.client.Answer("/api/v1/query", {.status = status, .body = body});
        const Result<model::QueryResult> answer = f.Query();
        ASSERT_FALSE(answer);
        const std::string said = answer.error().message + answer.error().detail;
        EXPECT_THAT(said, Not(HasSubstr(c.secret)));
        EXPECT_THAT(said, HasSubstr("***"));
      }
    }
  }
}

// Signs with "proof N", and has `proofs` of them.
class NumberedProofs final : public net::RequestSigner {
 public:
  explicit NumberedProofs(int proofs) : proofs_(proofs) {}

  Task<Result<Done>> Sign(net::ClientRequest& request, TimePoint now,
                          TimePoint deadline) override {
    moments.push_back(now);
    deadlines.push_back(deadline);
    if (failure) co_return *failure;
    request.headers.Set("Authorization", "proof " + std::to_string(current_));
    co_return Done{};
  }
  bool Renew(const net::ClientRequest& request, int status,
             TimePoint /*now*/) override {
    refused.push_back(std::to_string(status) + " " +
                      *request.headers.Find("Authorization"));
    if (current_ == proofs_) return false;
    ++current_;
    return true;
  }

  std::vector<TimePoint> moments;
  std::vector<TimePoint> deadlines;
  std::vector<std::string> refused;
  std::optional<Error> failure;

 private:
  const int proofs_;
  int current_ = 1;
};

TEST(PrometheusCredentials, ARefusedRequestIsSentOnceMoreWithANewProof) {
  NumberedProofs signer(9);
  PrometheusBackend::Options options = At("http://h");
  options.signer = &signer;
  options.verb = PrometheusBackend::Verb::kPost;
  Fixture f(options);
  f.clock.Advance(std::chrono::seconds(1));
  f.client.AnswerInTurn("/api/v1/query",
                        {{.status = 401, .body = R"({"status":"error"})"},
                         {.body = kEmptyVector}});
  ASSERT_THAT(f.Query("up"), IsOk());
  ASSERT_EQ(f.client.requests.size(), 2);
  EXPECT_EQ(Header(f.client.requests[0], "Authorization"), "proof 1");
  EXPECT_EQ(Header(f.client.requests[1], "Authorization"), "proof 2");
  EXPECT_EQ(f.client.requests[0].body, f.client.requests[1].body);
  EXPECT_THAT(signer.refused, ElementsAre("401 proof 1"));
  EXPECT_THAT(signer.moments, ElementsAre(f.clock.Now(), f.clock.Now()));
  EXPECT_THAT(signer.deadlines, ElementsAre(f.deadline, f.deadline));
}

TEST(PrometheusCredentials, ARefusalIsTheAnswerWhenNoProofIsLeft) {
  struct Case {
    const char* what;
    int proofs;
    FakeReply reply;
    std::size_t requests;
    const char* message;
  };
  const Case cases[] = {
      {"none at all",
       1,
       {.status = 401},
       1,
       "bad_response: unknown response code 401"},
      {"the second is refused too",
       9,
       {.status = 403},
       2,
       "bad_response: unknown response code 403"},
      {"it says why",
       1,
       {.status = 403,
        .body = R"({"status":"error","errorType":"auth","error":"no role"})"},
       1,
       "auth: no role"},
      {"it says too much",
       1,
       {.status = 403, .body = std::string(1 << 20, 'x')},
       1,
       "bad_response: unknown response code 403"},
      {"another failure",
       9,
       {.status = 500},
       1,
       "bad_response: unknown response code 500"},
      {"the network",
       9,
       {.status = 401, .error = Error{ErrorCode::kUnavailable, "broke", ""}},
       1,
       "broke"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.what);
    NumberedProofs signer(c.proofs);
    PrometheusBackend::Options options = At("http://h");
    options.signer = &signer;
    Fixture f(options);
    f.client.Answer("/api/v1/query", c.reply);
    const Result<model::QueryResult> answer = f.Query();
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().message, c.message);
    EXPECT_EQ(f.client.requests.size(), c.requests);
  }
}

TEST(PrometheusCredentials, AsksNothingWithoutTheProof) {
  NumberedProofs signer(9);
  signer.failure = Error{ErrorCode::kUnavailable, "no token", "why"};
  PrometheusBackend::Options options = At("http://u:p@h");
  options.signer = &signer;
  Fixture f(options);
  EXPECT_THAT(f.Query(), FailsWith(ErrorCode::kUnavailable, "no token"));
  EXPECT_EQ(f.client.requests.size(), 0);
}

TEST(PrometheusCredentials, AHeaderOfTheUserIsNotRenewed) {
  NumberedProofs signer(9);
  PrometheusBackend::Options options = At("http://h");
  options.signer = &signer;
  options.headers = {{"Authorization", "Custom x"}};
  Fixture f(options);
  f.client.Answer("/api/v1/query", {.status = 401});
  EXPECT_FALSE(f.Query());
  EXPECT_EQ(f.client.requests.size(), 1);
  EXPECT_THAT(signer.refused, IsEmpty());
}

}  // namespace
}  // namespace sextant::backend
