// Amazon's partitions: which region a host is in, and a region's hosts.  Pure.

#pragma once

#include <string>

namespace sextant::cloud {

// "eu-west-1" of aps-workspaces.eu-west-1.amazonaws.com, and of the endpoints
// for FIPS, IPv6 and private networks.  Empty if the host is not Amazon's, or
// does not tell.
std::string RegionOfHost(const std::string& host);

// "https://sts.eu-west-1.amazonaws.com/"
std::string StsOfRegion(const std::string& region);

}  // namespace sextant::cloud
