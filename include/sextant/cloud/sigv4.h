#pragma once

#include <string>

#include "sextant/base/clock.h"
#include "sextant/net/client.h"

namespace sextant::cloud {

// What AWS knows a caller by.
struct AwsKeys {
  std::string access_key_id;
  std::string secret_access_key;
  std::string session_token;  // of keys that end; empty: they do not
};

// Signs `request` with AWS Signature Version 4, as services other than S3 read
// it: sets Authorization, x-amz-date and x-amz-security-token, and rewrites the
// query in canonical form (sorted, a blank as %20), since a server may hash it
// as it came.  Signed are these, Host, Content-Type and the body.  A request
// that was signed before is signed anew.  Pure.
void SignV4(net::ClientRequest& request, const AwsKeys& keys,
            const std::string& region, const std::string& service,
            TimePoint now);

}  // namespace sextant::cloud
