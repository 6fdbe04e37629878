#include "config/serving_flags.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "config/cipher_suites.h"

namespace sextant::config {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Arguments = std::vector<std::string>;

struct Read {
  ServingFlags flags;
  std::vector<std::string> warnings;
  std::string wrong;
};

Read ReadServing(const Arguments& arguments, bool standalone = false) {
  Read read;
  const FlagGroup group{"Serving", ServingFlagRows()};
  Complaints complaints;
  std::vector<std::string> rest;
  GivenFlags given =
      GivenFlags::Take(arguments, std::span(&group, 1), rest, complaints);
  given.CheckValues(complaints);
  ReadServingFlags(given, standalone, read.flags, read.warnings, complaints);
  EXPECT_THAT(rest, IsEmpty());
  read.wrong = complaints.ToError().message;
  return read;
}

TEST(ServingFlags, HaveThePeersDefaults) {
  const ServingFlags flags = ReadServing({}).flags;
  EXPECT_EQ(flags.bind_address, "0.0.0.0");
  EXPECT_EQ(flags.secure_port, 443);
  EXPECT_FALSE(flags.permit_address_sharing);
  EXPECT_FALSE(flags.permit_port_sharing);
  EXPECT_EQ(flags.cert_dir, "");
  EXPECT_THAT(flags.sni_certificates, IsEmpty());
  EXPECT_EQ(flags.tls_min_version, ServingFlags::TlsVersion::k12);
  EXPECT_THAT(flags.tls_cipher_suites, IsEmpty());
  EXPECT_FALSE(flags.disable_http2);
  EXPECT_EQ(flags.http2_max_streams, 0U);
  EXPECT_EQ(flags.max_requests_inflight, 400U);
  EXPECT_EQ(flags.request_timeout, std::chrono::seconds(60));
  EXPECT_EQ(flags.shutdown_delay, std::chrono::seconds(5));
}

TEST(ServingFlags, StandaloneHasOtherDefaults) {
  ServingFlags flags = ReadServing({}, true).flags;
  EXPECT_EQ(flags.bind_address, "127.0.0.1");
  EXPECT_EQ(flags.shutdown_delay, Duration::zero());
  flags = ReadServing({"--shutdown-delay-duration=1s"}, true).flags;
  EXPECT_EQ(flags.shutdown_delay, std::chrono::seconds(1));
}

TEST(ServingFlags, AreAllRead) {
  const Read read = ReadServing(
      {"--bind-address=::", "--secure-port=6443", "--permit-address-sharing",
       "--permit-port-sharing", "--cert-dir=d", "--tls-cert-file=c",
       "--tls-private-key-file=k", "--tls-sni-cert-key=a.crt,a.key",
       "--tls-sni-cert-key", "b.crt, b.key: *.b.example ,b.example,10.0.0.1",
       "--tls-min-version=VersionTLS13", "--disable-http2",
       "--http2-max-streams-per-connection=250", "--max-requests-inflight=0",
       "--request-timeout=1m30s", "--shutdown-delay-duration=0s"});
  EXPECT_EQ(read.wrong, "");
  EXPECT_THAT(read.warnings, IsEmpty());
  const ServingFlags& flags = read.flags;
  EXPECT_EQ(flags.bind_address, "::");
  EXPECT_EQ(flags.secure_port, 6443);
  EXPECT_TRUE(flags.permit_address_sharing);
  EXPECT_TRUE(flags.permit_port_sharing);
  EXPECT_EQ(flags.cert_dir, "d");
  EXPECT_EQ(flags.tls_cert_file, "c");
  EXPECT_EQ(flags.tls_private_key_file, "k");
  ASSERT_EQ(flags.sni_certificates.size(), 2U);
  EXPECT_EQ(flags.sni_certificates[0].cert_file, "a.crt");
  EXPECT_EQ(flags.sni_certificates[0].key_file, "a.key");
  EXPECT_THAT(flags.sni_certificates[0].names, IsEmpty());
  EXPECT_EQ(flags.sni_certificates[1].cert_file, "b.crt");
  EXPECT_EQ(flags.sni_certificates[1].key_file, "b.key");
  EXPECT_THAT(flags.sni_certificates[1].names,
              ElementsAre("*.b.example", "b.example", "10.0.0.1"));
  EXPECT_EQ(flags.tls_min_version, ServingFlags::TlsVersion::k13);
  EXPECT_TRUE(flags.disable_http2);
  EXPECT_EQ(flags.http2_max_streams, 250U);
  EXPECT_EQ(flags.max_requests_inflight, 0U);
  EXPECT_EQ(flags.request_timeout, std::chrono::seconds(90));
  EXPECT_EQ(flags.shutdown_delay, Duration::zero());
}

TEST(ServingFlags, Http2IsOffByEitherName) {
  EXPECT_TRUE(ReadServing({"--disable-http2-serving"}).flags.disable_http2);
  EXPECT_TRUE(ReadServing({"--disable-http2-serving", "--disable-http2=false"})
                  .flags.disable_http2);
  EXPECT_FALSE(ReadServing({"--disable-http2=false"}).flags.disable_http2);
}

// The list of kube-prometheus.
TEST(ServingFlags, OfTheCipherSuitesTheStrongOnesAreKept) {
  const Read read = ReadServing(
      {"--tls-cipher-suites=TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,"
       "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305,"
       "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA,TLS_RSA_WITH_AES_256_GCM_SHA384,"
       "TLS_AES_128_GCM_SHA256"});
  EXPECT_EQ(read.wrong, "");
  EXPECT_THAT(read.flags.tls_cipher_suites,
              ElementsAre("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
                          "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"));
  EXPECT_THAT(
      read.warnings,
      ElementsAre("--tls-cipher-suites: left out, because they lack forward "
                  "secrecy or are broken: TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA,"
                  "TLS_RSA_WITH_AES_256_GCM_SHA384"));
}

TEST(ServingFlags, WithTls13AloneNoCipherSuiteNeedsToBeLeft) {
  const Read read = ReadServing({"--tls-cipher-suites=TLS_AES_256_GCM_SHA384",
                                 "--tls-min-version=VersionTLS13"});
  EXPECT_EQ(read.wrong, "");
  EXPECT_THAT(read.flags.tls_cipher_suites, IsEmpty());
}

TEST(ServingFlags, SayWhatIsWrong) {
  const std::string served =
      "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,"
      "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,"
      "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,"
      "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,"
      "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,"
      "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256";
  const std::string none_left =
      "--tls-cipher-suites: no suite is left for TLS 1.2; write some of " +
      served + ", or --tls-min-version=VersionTLS13 to serve TLS 1.3 only";
  const std::string write_pair =
      "; write CERT,KEY or CERT,KEY:a.example,*.b.example";
  const struct {
    std::string argument;
    std::string want;
  } cases[] = {
      {"--tls-min-version=VersionTLS10",
       "--tls-min-version: VersionTLS10 no longer protects anything, and "
       "sextant does not speak it; write VersionTLS12 or VersionTLS13"},
      {"--tls-min-version=VersionTLS11",
       "--tls-min-version: VersionTLS11 no longer protects anything, and "
       "sextant does not speak it; write VersionTLS12 or VersionTLS13"},
      {"--tls-min-version=1.2",
       "--tls-min-version: unknown tls version \"1.2\"; write VersionTLS12 or "
       "VersionTLS13"},
      {"--tls-cipher-suites=ECDHE-RSA-AES128-GCM-SHA256",
       "--tls-cipher-suites: Cipher suite \"ECDHE-RSA-AES128-GCM-SHA256\" not "
       "supported or doesn't exist; write some of " +
           served},
      {"--tls-cipher-suites=TLS_RSA_WITH_RC4_128_SHA", none_left},
      {"--tls-cipher-suites=TLS_AES_128_GCM_SHA256", none_left},
      {"--tls-sni-cert-key=a.crt",
       "--tls-sni-cert-key: expected comma separated certificate and key file "
       "paths, not \"a.crt\"" +
           write_pair},
      {"--tls-sni-cert-key=a.crt,",
       "--tls-sni-cert-key: expected comma separated certificate and key file "
       "paths, not \"a.crt,\"" +
           write_pair},
      {"--tls-sni-cert-key=a.crt,a.key:",
       "--tls-sni-cert-key: \"\" is not the name of a server" + write_pair},
      {"--tls-sni-cert-key=a.crt,a.key:a.*.example",
       "--tls-sni-cert-key: \"a.*.example\" is not the name of a server" +
           write_pair},
      {"--http2-max-streams-per-connection=-1",
       "--http2-max-streams-per-connection: must be a number from 0 to "
       "2147483647, not \"-1\""},
      {"--max-requests-inflight=many",
       "--max-requests-inflight: must be a number from 0 to 2147483647, not "
       "\"many\""},
      {"--request-timeout=0s",
       "--request-timeout: must be more than 0s, not 0s"},
      {"--shutdown-delay-duration=-1s",
       "--shutdown-delay-duration: must be at least 0s, not -1s"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.argument);
    EXPECT_EQ(ReadServing({c.argument}).wrong, c.want);
  }
}

}  // namespace
}  // namespace sextant::config
