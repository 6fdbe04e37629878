#include "auth/credentials.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "support/result_matchers.h"

namespace sextant::auth {
namespace {

// Vouches for whoever is asked about; certificates themselves are tried in
// gatekeeper_test.cc and tests/net/peer_test.cc.
class Verified final : public net::PeerCertificate {
 public:
  explicit Verified(net::CertificateSubject subject)
      : subject_(std::move(subject)) {}

  Result<net::CertificateSubject> Verify(
      const std::shared_ptr<const net::CaBundle>& /*bundle*/,
      TimePoint /*now*/) const override {
    return subject_;
  }

 private:
  const net::CertificateSubject subject_;
};

net::Request From(const std::string& common_name, net::Headers headers) {
  net::Request request;
  request.headers = std::move(headers);
  request.peer_certificate = std::make_shared<Verified>(
      net::CertificateSubject{common_name, {"O1", "O2"}, "ab12"});
  return request;
}

FrontProxy Proxy() {
  FrontProxy proxy;
  proxy.allowed_names = {"front-proxy-client", "other"};
  proxy.username_headers = {"X-Remote-User", "X-User"};
  proxy.group_headers = {"X-Remote-Group", "X-Group"};
  proxy.extra_prefixes = {"X-Remote-Extra-"};
  return proxy;
}

// Checklist of the wire, 66 to 69.
TEST(FrontProxy, SaysWhoCalls) {
  FrontProxy with_uid = Proxy();
  with_uid.uid_headers = {"X-Remote-Uid"};
  FrontProxy of_any_name = Proxy();
  of_any_name.allowed_names = {};
  const struct {
    std::string what, common_name;
    FrontProxy proxy;
    net::Headers headers;
    model::Identity want;
  } kCases[] = {
      {"a name",
       "front-proxy-client",
       Proxy(),
       {{"X-Remote-User", "alice"}},
       {"alice", "", {}, {}}},
      {"another allowed name",
       "other",
       Proxy(),
       {{"x-remote-USER", "alice"}},
       {"alice", "", {}, {}}},
      {"any name",
       "whoever",
       of_any_name,
       {{"X-Remote-User", "alice"}},
       {"alice", "", {}, {}}},
      {"the second header",
       "other",
       Proxy(),
       {{"X-User", "bob"}},
       {"bob", "", {}, {}}},
      {"an empty first header",
       "other",
       Proxy(),
       {{"X-Remote-User", ""}, {"X-User", "bob"}},
       {"bob", "", {}, {}}},
      {"the first header goes first",
       "other",
       Proxy(),
       {{"X-User", "bob"}, {"X-Remote-User", "alice"}},
       {"alice", "", {}, {}}},
      {"groups in order, commas and all",
       "other",
       Proxy(),
       {{"X-Remote-User", "alice"},
        {"X-Group", "last"},
        {"X-Remote-Group", "a,b"},
        {"x-remote-group", ""},
        {"X-Remote-Group", "system:masters"}},
       {"alice", "", {"a,b", "system:masters", "last"}, {}}},
      {"names that only look alike",
       "other",
       Proxy(),
       {{"X-Remote-User", "alice"},
        {"X_Remote_Group", "system:masters"},
        {"X-Remote-Groups", "system:masters"},
        {"Remote-Group", "system:masters"},
        {"XX-Remote-Extra-a", "b"}},
       {"alice", "", {}, {}}},
      {"extra keys",
       "other",
       Proxy(),
       {{"X-Remote-User", "alice"},
        {"X-Remote-Extra-Acme.com%2Fproject", "a"},
        {"x-remote-extra-acme.com%2fPROJECT", "b,c"},
        {"X-Remote-Extra-Bad%zz", "d"},
        {"X-Remote-Extra-Empty", ""}},
       {"alice",
        "",
        {},
        {{"acme.com/project", {"a", "b,c"}},
         {"bad%zz", {"d"}},
         {"empty", {""}}}}},
      {"no uid unless it is configured",
       "other",
       Proxy(),
       {{"X-Remote-User", "alice"}, {"X-Remote-Uid", "u1"}},
       {"alice", "", {}, {}}},
      {"a uid",
       "other",
       with_uid,
       {{"X-Remote-User", "alice"}, {"X-Remote-Uid", "u1"}},
       {"alice", "u1", {}, {}}},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.what);
    const Claim claim =
        ByFrontProxy(From(c.common_name, c.headers), c.proxy, TimePoint());
    ASSERT_THAT(claim, IsOk());
    ASSERT_TRUE(*claim);
    EXPECT_EQ(**claim, c.want);
  }
}

TEST(FrontProxy, IsNotBelievedWhenInDoubt) {
  FrontProxy with_uid = Proxy();
  with_uid.uid_headers = {"X-Remote-Uid"};
  const struct {
    std::string common_name;
    net::Headers headers;
    std::string message;
  } kCases[] = {
      {"mallory",
       {{"X-Remote-User", "alice"}},
       "front proxy: \"mallory\" is not an allowed name"},
      {"Front-Proxy-Client",
       {{"X-Remote-User", "alice"}},
       "front proxy: \"Front-Proxy-Client\" is not an allowed name"},
      {"",
       {{"X-Remote-User", "alice"}},
       "front proxy: \"\" is not an allowed name"},
      {"other",
       {{"X-Remote-User", "alice"}, {"x-remote-user", "alice"}},
       "front proxy: header X-Remote-User is there twice"},
      {"other",
       {{"X-Remote-User", ""}, {"X-Remote-User", "alice"}},
       "front proxy: header X-Remote-User is there twice"},
      {"other",
       {{"X-Remote-User", "alice"},
        {"X-Remote-Uid", "1"},
        {"X-Remote-Uid", "2"}},
       "front proxy: header X-Remote-Uid is there twice"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.message);
    EXPECT_THAT(
        ByFrontProxy(From(c.common_name, c.headers), with_uid, TimePoint()),
        FailsWith(ErrorCode::kUnauthenticated, c.message));
  }
}

TEST(FrontProxy, SaysNothingWithoutACertificateOrAName) {
  net::Request bare;
  bare.headers = {{"X-Remote-User", "alice"},
                  {"X-Remote-Group", "system:masters"}};
  for (const net::Request& request :
       {bare, From("other", {}), From("other", {{"X-Remote-User", ""}}),
        From("other", {{"X-Remote-Group", "system:masters"}})}) {
    const Claim claim = ByFrontProxy(request, Proxy(), TimePoint());
    ASSERT_THAT(claim, IsOk());
    EXPECT_FALSE(*claim);
  }
}

// Checklist of the wire, 71.
TEST(Certificate, NamesAUser) {
  const Claim claim = ByCertificate(From("alice", {{"X-Remote-User", "bob"}}),
                                    nullptr, TimePoint());
  ASSERT_THAT(claim, IsOk());
  ASSERT_TRUE(*claim);
  EXPECT_EQ(**claim,
            (model::Identity{"alice",
                             "",
                             {"O1", "O2"},
                             {{"authentication.kubernetes.io/credential-id",
                               {"X509SHA256=ab12"}}}}));
}

TEST(Certificate, NamesNobodyWithoutACommonName) {
  const Claim claim = ByCertificate(From("", {}), nullptr, TimePoint());
  ASSERT_THAT(claim, IsOk());
  EXPECT_FALSE(*claim);
}

TEST(BearerToken, IsTheOneOfTheHeader) {
  const struct {
    std::string field, token;  // empty: none
  } kCases[] = {
      {"Bearer abc", "abc"},
      {"bearer abc", "abc"},
      {"BEARER  abc ", "abc"},
      {" Bearer a.b-c_d~e+f/g==", "a.b-c_d~e+f/g=="},
      {"Bearer", ""},
      {"Bearer ", ""},
      {"", ""},
      {"Basic YWxpY2U6c2VjcmV0", ""},
      {"Bearerabc", ""},
      {"Bearer\tabc", ""},
      {"Negotiate Bearer abc", ""},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.field);
    const auto token = ReadBearerToken({{"authorization", c.field}});
    ASSERT_THAT(token, IsOk());
    EXPECT_EQ(token->value_or(""), c.token);
  }
  EXPECT_FALSE(*ReadBearerToken({{"X-Authorization", "Bearer abc"}}));
}

TEST(BearerToken, IsRefusedWhenInDoubt) {
  const struct {
    net::Headers headers;
    std::string message;
  } kCases[] = {
      {{{"Authorization", "Bearer abc"}, {"authorization", "Bearer abc"}},
       "header Authorization is there twice"},
      {{{"Authorization", "Basic abc"}, {"Authorization", "Bearer abc"}},
       "header Authorization is there twice"},
      {{{"Authorization", "Bearer abc def"}},
       "header Authorization holds no bearer token"},
      {{{"Authorization", "Bearer abc\xff"}},
       "header Authorization holds no bearer token"},
      {{{"Authorization", "Bearer abc, Bearer def"}},
       "header Authorization holds no bearer token"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.message);
    EXPECT_THAT(ReadBearerToken(c.headers),
                FailsWith(ErrorCode::kUnauthenticated, c.message));
  }
}

}  // namespace
}  // namespace sextant::auth
