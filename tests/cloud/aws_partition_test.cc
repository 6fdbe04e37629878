#include "cloud/aws_partition.h"

#include <gtest/gtest.h>

namespace sextant::cloud {
namespace {

TEST(AwsPartition, EachHasItsHosts) {
  const struct {
    const char* host;
    const char* region;
    const char* sts;
  } cases[] = {
      {"aps-workspaces.eu-west-1.amazonaws.com", "eu-west-1",
       "https://sts.eu-west-1.amazonaws.com/"},
      {"aps-workspaces-fips.us-east-1.amazonaws.com", "us-east-1",
       "https://sts.us-east-1.amazonaws.com/"},
      {"aps-workspaces.ap-southeast-2.api.aws", "ap-southeast-2",
       "https://sts.ap-southeast-2.amazonaws.com/"},
      {"aps-workspaces-fips.us-gov-west-1.api.aws", "us-gov-west-1",
       "https://sts.us-gov-west-1.amazonaws.com/"},
      {"aps-workspaces.cn-north-1.amazonaws.com.cn", "cn-north-1",
       "https://sts.cn-north-1.amazonaws.com.cn/"},
      {"aps-workspaces.cn-northwest-1.api.amazonwebservices.com.cn",
       "cn-northwest-1", "https://sts.cn-northwest-1.amazonaws.com.cn/"},
      // The European Sovereign Cloud.
      {"aps-workspaces.eusc-de-east-1.amazonaws.eu", "eusc-de-east-1",
       "https://sts.eusc-de-east-1.amazonaws.eu/"},
      {"aps-workspaces.eusc-de-east-1.api.amazonwebservices.eu",
       "eusc-de-east-1", "https://sts.eusc-de-east-1.amazonaws.eu/"},
      // CloudWatch's PromQL.
      {"monitoring.us-west-2.amazonaws.com", "us-west-2",
       "https://sts.us-west-2.amazonaws.com/"},
      // Endpoints in a private network, of the region and of one zone.
      {"vpce-0123456789abcdef0-a1b2c3d4.aps-workspaces.eu-west-1.vpce."
       "amazonaws.com",
       "eu-west-1", "https://sts.eu-west-1.amazonaws.com/"},
      {"vpce-0123456789abcdef0-a1b2c3d4-us-east-1a.aps-workspaces.us-east-1."
       "vpce.amazonaws.com",
       "us-east-1", "https://sts.us-east-1.amazonaws.com/"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.host);
    EXPECT_EQ(RegionOfHost(c.host), c.region);
    EXPECT_EQ(StsOfRegion(c.region), c.sts);
  }
}

TEST(AwsPartition, AHostThatDoesNotTellHasNoRegion) {
  for (const char* host :
       {"", "localhost", "10.0.0.1", "prom.eu-west-1.example.com",
        "amazonaws.com", "aps-workspaces.amazonaws.com",
        "aps-workspaces.eu-west.amazonaws.com",
        "aps-workspaces.eu--1.amazonaws.com",
        "aps-workspaces.eu-west-1.xamazonaws.com",
        "aps-workspaces.eu-west-1.amazonaws.com.evil.example"}) {
    SCOPED_TRACE(host);
    EXPECT_EQ(RegionOfHost(host), "");
  }
}

}  // namespace
}  // namespace sextant::cloud
