#pragma once

#include <functional>
#include <memory>
#include <string>

#include "sextant/base/clock.h"
#include "sextant/base/result.h"
#include "sextant/net/request_signer.h"
#include "sextant/net/url.h"

namespace sextant::cloud {

// Puts an access token of Microsoft Entra ID into requests.  Whose it is, is
// looked for in the order of Azure's libraries:
//
//  1. an application with a secret: AZURE_TENANT_ID, AZURE_CLIENT_ID and
//     AZURE_CLIENT_SECRET;
//  2. workload identity: AZURE_TENANT_ID, AZURE_CLIENT_ID and
//     AZURE_FEDERATED_TOKEN_FILE, which AKS' webhook sets;
//  3. the managed identity of the node, asked from its metadata;
//  AZURE_CLIENT_ID
//     says which if there are several.
//
// AZURE_AUTHORITY_HOST says where 1 and 2 get tokens.  They are renewed five
// minutes before their end, or when the service answers 401; the file is read
// each time.
struct AzureOptions {
  net::Url url;          // of the service; tells which cloud it is in
  std::string audience;  // whom tokens are for; empty: the cloud's Prometheus
};

// `variable` gives the environment, "" for what is not set.  `outside` leads to
// the world, `local` to the node, by no proxy; they and `clock` must outlive
// the signer.  An error says what is not set, or where a token would go without
// TLS.
Result<std::unique_ptr<net::RequestSigner>> MakeAzureSigner(
    const AzureOptions& options,
    const std::function<std::string(const char*)>& variable,
    net::HttpClient& outside, net::HttpClient& local, Clock& clock);

}  // namespace sextant::cloud
