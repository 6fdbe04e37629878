#pragma once

#include <functional>
#include <memory>
#include <string>

#include "sextant/base/clock.h"
#include "sextant/base/result.h"
#include "sextant/net/request_signer.h"
#include "sextant/net/url.h"

namespace sextant::cloud {

// Signs requests for a service of Amazon (SigV4) with the keys that a Pod has,
// looked for as Amazon's SDKs do:
//
//  1. AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN;
//  2. a service account's role (IRSA): AWS_ROLE_ARN and
//     AWS_WEB_IDENTITY_TOKEN_FILE, exchanged at STS;
//  3. EKS Pod Identity: AWS_CONTAINER_CREDENTIALS_FULL_URI and
//     AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE;
//  4. the role of the node, by its metadata (IMDSv2), unless
//     AWS_EC2_METADATA_DISABLED is "true".
//
// With these another role may be assumed.
// Keys that end are renewed five minutes before it, or when the service refuses
// them; files of tokens are read each time.
struct AwsOptions {
  net::Url url;        // of the service; may tell the region
  std::string region;  // empty: AWS_REGION, AWS_DEFAULT_REGION, or the URL's
  std::string service = "aps";
  std::string role_arn;  // to be assumed; empty: none
};

// `variable` gives the environment, "" for what is not set.  `outside` is for
// STS, `local` for the agent on the node and its metadata, which no proxy leads
// to; they and `clock` must outlive the signer.  An error says what is not set.
Result<std::unique_ptr<net::RequestSigner>> MakeAwsSigner(
    const AwsOptions& options,
    const std::function<std::string(const char*)>& variable,
    net::HttpClient& outside, net::HttpClient& local, Clock& clock);

}  // namespace sextant::cloud
