#include "aws_partition.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "sextant/base/text.h"

namespace sextant::cloud {
namespace {

struct Partition {
  std::string_view regions;  // how their names begin
  std::string_view domain;
  std::string_view dual_stack;  // of endpoints with IPv6
};

// The last is for all other regions, GovCloud's too.  Not those of secret
// services, which the public network does not lead to: AWS_REGION and
// AWS_ENDPOINT_URL_STS name them.
constexpr std::array<Partition, 3> kPartitions = {{
    {"cn-", ".amazonaws.com.cn", ".api.amazonwebservices.com.cn"},
    {"eusc-", ".amazonaws.eu", ".api.amazonwebservices.eu"},
    {"", ".amazonaws.com", ".api.aws"},
}};

bool IsAmazons(const std::string& host) {
  return std::any_of(kPartitions.begin(), kPartitions.end(),
                     [&host](const Partition& partition) {
                       return host.ends_with(partition.domain) ||
                              host.ends_with(partition.dual_stack);
                     });
}

// "us-gov-west-1": words, then a number.  Neither "aps-workspaces" nor the
// "vpce-0123456789abcdef0-a1b2c3d4" in front of a private network's hosts.
bool ReadsLikeARegion(const std::string& label) {
  const std::vector<std::string> parts = Split(label, '-');
  if (parts.size() < 3) return false;
  const auto is_of = [](const std::string& part, std::string_view alphabet) {
    return !part.empty() &&
           part.find_first_not_of(alphabet) == std::string::npos;
  };
  return is_of(parts.back(), "0123456789") &&
         std::all_of(parts.begin(), parts.end() - 1,
                     [&is_of](const std::string& part) {
                       return is_of(part, "abcdefghijklmnopqrstuvwxyz");
                     });
}

}  // namespace

std::string RegionOfHost(const std::string& host) {
  if (!IsAmazons(host)) return {};
  const std::vector<std::string> labels = Split(host, '.');
  const auto found = std::find_if(
      labels.begin(), labels.end(),
      [](const std::string& label) { return ReadsLikeARegion(label); });
  return found == labels.end() ? std::string() : *found;
}

std::string StsOfRegion(const std::string& region) {
  const auto* const partition =
      std::find_if(kPartitions.begin(), kPartitions.end(),
                   [&region](const Partition& candidate) {
                     return region.starts_with(candidate.regions);
                   });
  return "https://sts." + region + std::string(partition->domain) + "/";
}

}  // namespace sextant::cloud
