#include "sextant/cloud/sigv4.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace sextant::cloud {
namespace {

using namespace std::chrono_literals;

const AwsKeys kKeys{"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
                    ""};
const char kWorkspace[] =
    "https://aps-workspaces.eu-west-1.amazonaws.com/workspaces/"
    "ws-12345678-abcd-4442-b8c5-262b45e9b535/api/v1/";
const char kScope[] = "AKIDEXAMPLE/20260102/eu-west-1/aps/aws4_request";

// 2026-01-02T03:04:05Z
const TimePoint kNow =
    TimePoint(std::chrono::sys_days(std::chrono::year(2026) / 1 / 2)) + 3h +
    4min + 5s;

net::ClientRequest QueryByPost() {
  net::ClientRequest request;
  request.method = "POST";
  request.url = *net::Url::Parse(std::string(kWorkspace) + "query");
  request.headers.Set("Content-Type", "application/x-www-form-urlencoded");
  request.headers.Set("Accept-Encoding", "identity");
  request.body =
      "query=sum+by+%28pod%29+%28vllm%3Anum_requests_running%7Bnamespace%3D%22"
      "default%22%7D%29";
  return request;
}

std::string Signed(net::ClientRequest& request, const AwsKeys& keys) {
  SignV4(request, keys, "eu-west-1", "aps", kNow);
  return *request.headers.Find("Authorization");
}

std::string Proof(const std::string& headers, const std::string& signature) {
  return std::string("AWS4-HMAC-SHA256 Credential=") + kScope +
         ", SignedHeaders=" + headers + ", Signature=" + signature;
}

// The signatures of these tests are those of botocore.
TEST(SignV4, SignsTheBodyOfAPost) {
  net::ClientRequest request = QueryByPost();
  EXPECT_EQ(Signed(request, kKeys),
            Proof("content-type;host;x-amz-date",
                  "ffa3dd3e15b4228235c4ae08c68c5bc562f3a6c0149fba6a179e4034c6"
                  "e87ac5"));
  EXPECT_EQ(*request.headers.Find("X-Amz-Date"), "20260102T030405Z");
  EXPECT_EQ(request.headers.Find("X-Amz-Security-Token"), nullptr);
}

TEST(SignV4, SignsTheTokenOfKeysThatEnd) {
  net::ClientRequest request = QueryByPost();
  AwsKeys keys = kKeys;
  keys.session_token = "SESSIONTOKENEXAMPLE";
  EXPECT_EQ(Signed(request, keys),
            Proof("content-type;host;x-amz-date;x-amz-security-token",
                  "a990ff49fca5d733e6f8a0223e147d022b9f86ef578a9736da57173a2c"
                  "1f4796"));
  EXPECT_EQ(*request.headers.Find("X-Amz-Security-Token"),
            "SESSIONTOKENEXAMPLE");
}

TEST(SignV4, SortsAndEncodesTheQueryOfAGet) {
  net::ClientRequest request;
  request.url = *net::Url::Parse(
      std::string(kWorkspace) +
      "series?start=1767323045&match[]=%7B__name__%3D%22up%22%2Cnamespace%21"
      "%3D%22%22%7D");
  EXPECT_EQ(Signed(request, kKeys),
            Proof("host;x-amz-date",
                  "d4f59ce23cf9c0fd77cbc5797b4890900b5e8a1c394eff9ed2c00af765"
                  "658f3f"));
  EXPECT_EQ(request.url.query,
            "match%5B%5D=%7B__name__%3D%22up%22%2Cnamespace%21%3D%22%22%7D"
            "&start=1767323045");
}

// Amazon's rule for every service but S3: the canonical path encodes once more
// what is sent, so "a%20b" counts as "a%2520b".  These signatures are not of
// botocore: twenty lines of Python (hmac, hashlib, urllib.parse.quote of each
// segment) put the canonical request together, and gave the signature of
// SortsAndEncodesTheQueryOfAGet first.
TEST(SignV4, EncodesEachSegmentOfThePathOnceMore) {
  const struct {
    const char* path;
    const char* signature;
  } cases[] = {
      {"label/a%20b/values",
       "2867a817ff4f3b560562f40115c59bd7169baa17db1d976618491fc37a00d4a7"},
      // What is never encoded, a slash that is no border, and a percent sign.
      {"label/a.b-c_d~e%2F%25/values",
       "a4f5377a19b656b32d0beb4aa47ba73701df193b411680935894509cac8b9e08"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.path);
    net::ClientRequest request;
    request.url = *net::Url::Parse(std::string(kWorkspace) + c.path);
    EXPECT_EQ(Signed(request, kKeys), Proof("host;x-amz-date", c.signature));
    // Only what is signed has it, not what is sent.
    EXPECT_EQ(request.url.ToString(), std::string(kWorkspace) + c.path);
  }
}

TEST(SignV4, SendsABlankAsItIsSigned) {
  net::ClientRequest request;
  request.url = *net::Url::Parse("https://h/api/v1/query?query=a+%2B+b");
  (void)Signed(request, kKeys);
  EXPECT_EQ(request.url.query, "query=a%20%2B%20b");
}

TEST(SignV4, SignsAnewWhatWasSignedWithOtherKeys) {
  net::ClientRequest request = QueryByPost();
  AwsKeys other{"OTHER", "secret", "token"};
  (void)Signed(request, other);
  net::ClientRequest fresh = QueryByPost();
  EXPECT_EQ(Signed(request, kKeys), Signed(fresh, kKeys));
  EXPECT_EQ(request.headers.Find("x-amz-security-token"), nullptr);
  EXPECT_EQ(request.headers.FindAll("Authorization").size(), 1U);
}

}  // namespace
}  // namespace sextant::cloud
