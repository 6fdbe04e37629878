#pragma once

#include <functional>
#include <memory>
#include <string>

#include "renewed.h"
#include "secret_servers.h"
#include "sextant/cloud/sigv4.h"

namespace sextant::cloud {

using AwsFetch = Renewed<AwsKeys>::Fetch;
using Variable = std::function<std::string(const char*)>;

// The way to keys that the environment names (sextant/cloud/aws_signer.h says
// in which order), or to the node's.  `servers` must outlive it.
Result<AwsFetch> FindAwsKeys(const std::string& region,
                             const Variable& variable,
                             const SecretServers& servers);

// The way to the keys of `role`, which those of `own` may assume.
Result<AwsFetch> AssumeAwsRole(const std::string& role,
                               const std::string& region,
                               const Variable& variable, AwsFetch own,
                               const SecretServers& servers);

}  // namespace sextant::cloud
