#include "auth/open_paths.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "sextant/auth/request_action.h"

namespace sextant::auth {
namespace {

TEST(OpenPaths, AreThoseOfTheFlagAndNeverThoseThatShowData) {
  const std::vector<std::string> usual = {"/healthz", "/readyz", "/livez"};
  const struct {
    std::vector<std::string> patterns;
    std::string target;
    bool open;
  } kCases[] = {
      {usual, "/healthz", true},
      {usual, "/healthz?verbose", true},
      {usual, "/%68ealthz", true},
      {usual, "/readyz", true},
      {usual, "/livez", true},
      {usual, "/healthz/", false},
      {usual, "/readyz/ping", false},
      {usual, "//healthz", false},
      {usual, "/healthz%2Fping", false},
      {usual, "/metrics", false},
      {{"/readyz/*"}, "/readyz/ping", true},
      {{"/readyz/*"}, "/readyz", false},
      {{"metrics"}, "/metrics", true},
      {{"/"}, "/", true},
      {{"/"}, "/metrics", false},
      {{""}, "/", true},
      {{}, "/healthz", false},
      // Everything that is a path...
      {{"/*"}, "/metrics", true},
      {{"/*"}, "/apis/custom.metrics.k8s.io/v1beta1", true},
      {{"/*"}, "/debugger", true},
      {{"/d*"}, "/documents", true},
      // ... but no resources,
      {{"/*"}, "/apis/custom.metrics.k8s.io/v1beta1/nodes/x/m", false},
      {{"/apis/*"},
       "/apis/external.metrics.k8s.io/v1beta1/namespaces/d/m",
       false},
      // and not what shows those of all.
      {{"/*"}, "/debug/explain?path=/x", false},
      {{"/*"}, "/debug/explain/", false},
      {{"/*"}, "/d%65bug/%65xplain", false},
      {{"/*"}, "/debug", false},
      {{"/*"}, "/debug/pprof", false},
      {{"/d*"}, "/debug/explain", false},
      {{"/debug/*"}, "/debug/explain", false},
      {{"/debug/explain"}, "/debug/explain", false},
      {{"debug/explain"}, "/debug/explain", false},
      {{"*"}, "/debug/explain", false},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.target + (c.patterns.empty() ? "" : " " + c.patterns[0]));
    net::Request request;
    request.method = "GET";
    request.target = c.target;
    EXPECT_EQ(OpenPaths(c.patterns).Hold(ActionOf(request)), c.open);
  }
}

}  // namespace
}  // namespace sextant::auth
