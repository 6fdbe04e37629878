#include "config/cipher_suites.h"

#include <gtest/gtest.h>

#include <string>

namespace sextant::config {
namespace {

TEST(CipherSuites, AreServedWithForwardSecrecyAndAeadOnly) {
  for (const std::string& name : ServedCipherSuites()) {
    SCOPED_TRACE(name);
    EXPECT_EQ(FindCipherSuite(name), CipherSuite::kServed);
    EXPECT_TRUE(name.starts_with("TLS_ECDHE_"));
    EXPECT_TRUE(name.find("_GCM_") != std::string::npos ||
                name.find("_CHACHA20_") != std::string::npos);
  }
  EXPECT_EQ(ServedCipherSuites().size(), 6U);
  EXPECT_EQ(FindCipherSuite("TLS_CHACHA20_POLY1305_SHA256"),
            CipherSuite::kAlwaysOn);
  EXPECT_EQ(FindCipherSuite("TLS_RSA_WITH_3DES_EDE_CBC_SHA"),
            CipherSuite::kNotServed);
  EXPECT_EQ(FindCipherSuite("tls_aes_128_gcm_sha256"), std::nullopt);
}

TEST(CipherSuites, HaveOneNameInTheEnd) {
  EXPECT_EQ(FindCipherSuite("TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305"),
            CipherSuite::kServed);
  EXPECT_EQ(IanaName("TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305"),
            "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256");
  EXPECT_EQ(IanaName("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"),
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256");
}

}  // namespace
}  // namespace sextant::config
