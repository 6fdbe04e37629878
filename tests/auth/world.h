// Callers of every kind, and the Gatekeeper that they come to.

#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "sextant/auth/gatekeeper.h"
#include "support/fake_clock.h"
#include "support/fake_reviewers.h"
#include "support/result_matchers.h"
#include "support/run_task.h"
#include "support/test_certificates.h"
#include "support/test_server.h"
#include "support/tls_client.h"

namespace sextant::auth {

using Certificate = std::shared_ptr<const net::PeerCertificate>;

inline const std::string kPods =
    "/apis/custom.metrics.k8s.io/v1beta1/namespaces/default/pods/web-0/m";

inline TimePoint RealNow() {
  return std::chrono::time_point_cast<Duration>(
      std::chrono::system_clock::now());
}

// What a server sees of clients with such certificates, by real handshakes.
class Handshakes {
 public:
  Certificate Show(const net::KeyPair& pair) {
    TlsClient::Options options;
    options.certificate = pair;
    TlsClient client(server_.loop, server_.server->port(), options);
    client.Send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    client.ReceiveReply();
    EXPECT_NE(server_.requests.back().peer_certificate, nullptr);
    return server_.requests.back().peer_certificate;
  }

 private:
  TestServer server_;
};

// Everybody's certificates.
struct Authorities {
  TestCa users{"users"};
  TestCa proxies{"proxies"};
  TestCa strangers{"proxies"};  // the same name, another key
};

inline const Authorities& TheAuthorities() {
  static const Authorities kAuthorities;
  return kAuthorities;
}

inline net::KeyPair Proxy() {
  return TheAuthorities().proxies.IssueClient("front-proxy-client");
}

// Of the authority of front proxies, and with their name, but not good now.
inline net::KeyPair ProxyAt(Duration from_now) {
  TestCa::Leaf leaf;
  leaf.common_name = "front-proxy-client";
  leaf.purpose = CertificatePurpose::kClient;
  leaf.not_before = RealNow() + from_now;
  leaf.not_after = leaf.not_before + std::chrono::hours(1);
  return TheAuthorities().proxies.Issue(leaf);
}

inline net::KeyPair ProxyForServing() {
  TestCa::Leaf leaf;
  leaf.common_name = "front-proxy-client";
  return TheAuthorities().proxies.Issue(leaf);
}

inline kube::AuthenticationConfig ClusterConfig() {
  kube::AuthenticationConfig config;
  config.client_ca_pem = TheAuthorities().users.certificate_pem();
  config.requestheader_ca_pem = TheAuthorities().proxies.certificate_pem();
  config.allowed_names = {"front-proxy-client"};
  config.username_headers = {"X-Remote-User"};
  config.group_headers = {"X-Remote-Group"};
  config.extra_prefixes = {"X-Remote-Extra-"};
  return config;
}

struct World {
  explicit World(const Gatekeeper::Options& options = {})
      : gatekeeper(options, trust, tokens, access, clock, metrics) {
    clock.Advance(RealNow().time_since_epoch());
    EXPECT_THAT(trust.SetFromCluster(ClusterConfig()), IsOk());
    tokens.owners = {{"good", {"carol", "u7", {"ops"}, {{"k", {"v"}}}}}};
  }

  static net::Request Request(Certificate certificate, net::Headers headers,
                              std::string target = kPods) {
    net::Request request;
    request.method = "GET";
    request.target = std::move(target);
    request.headers = std::move(headers);
    request.peer_certificate = std::move(certificate);
    return request;
  }

  model::Admission Admit(const net::Request& request) {
    return *RunTask(loop, gatekeeper.Admit(request, TimePoint::max()));
  }
  model::Admission Admit(Certificate certificate, net::Headers headers,
                         std::string target = kPods) {
    return Admit(
        Request(std::move(certificate), std::move(headers), std::move(target)));
  }

  boost::asio::io_context loop;
  FakeClock clock{loop};
  obs::Metrics metrics;
  TrustSource trust;
  FakeTokenReviewer tokens{clock};
  FakeAccessReviewer access{clock};
  Gatekeeper gatekeeper;
};

inline const net::Headers kForged = {{"X-Remote-User", "admin"},
                                     {"X-Remote-Group", "system:masters"},
                                     {"X-Remote-Extra-Scopes", "all"}};

inline net::Headers With(net::Headers headers, const std::string& name,
                         const std::string& value) {
  headers.Add(name, value);
  return headers;
}

}  // namespace sextant::auth
