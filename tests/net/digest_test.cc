#include "sextant/net/digest.h"

#include <gtest/gtest.h>

namespace sextant::net {
namespace {

// FIPS 180-4's example for SHA-512, and the empty message.
TEST(Digest, IsSha512InUpperCaseHex) {
  EXPECT_EQ(Sha512Hex("abc"),
            "DDAF35A193617ABACC417349AE20413112E6FA4E89A97EA20A9EEEE64B55D39A"
            "2192992A274FC1A836BA3C23A3FEEBBD454D4423643CE80E2A9AC94FA54CA49F");
  EXPECT_EQ(Sha512Hex(""),
            "CF83E1357EEFB8BDF1542850D66D8007D620E4050B5715DC83F4A921D36CE9CE"
            "47D0D13C5D85F2B0FF8318D2877EEC2F63B931BD47417A81A538327AF927DA3E");
}

// FIPS 180-4's example for SHA-256, and test case 2 of RFC 4231.
TEST(Digest, IsSha256InLowerCaseHex) {
  EXPECT_EQ(Sha256Hex("abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(LowerHex(HmacSha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(KeyedHash, TellsTextsApartAndKeepsToItself) {
  const KeyedHash hash;
  const KeyedHash other;
  EXPECT_EQ(hash.Of("abc").size(), 32U);
  EXPECT_EQ(hash.Of("abc"), hash.Of("abc"));
  EXPECT_NE(hash.Of("abc"), hash.Of("abd"));
  EXPECT_NE(hash.Of("abc"), hash.Of(""));
  EXPECT_NE(hash.Of("abc"), other.Of("abc"));
}

}  // namespace
}  // namespace sextant::net
