#include "sextant/net/proxy.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "support/result_matchers.h"

namespace sextant::net {
namespace {

// "straight", or the proxy's URL.
std::string WayTo(const std::string& url, const ProxySettings& settings) {
  const Result<std::optional<Url>> proxy = ProxyFor(*Url::Parse(url), settings);
  if (!proxy) return "error: " + proxy.error().message;
  return *proxy ? (*proxy)->ToString() : "straight";
}

TEST(Proxy, IsChosenByTheSchemeOfTheUrl) {
  const ProxySettings both{"http://plain:3128", "http://safe:3128", ""};
  EXPECT_EQ(WayTo("http://prom:9090", both), "http://plain:3128");
  EXPECT_EQ(WayTo("https://prom", both), "http://safe:3128");
  EXPECT_EQ(WayTo("https://prom", {"http://plain:3128", "", ""}), "straight");
  EXPECT_EQ(WayTo("http://prom", {"proxy:3128", "", ""}), "http://proxy:3128");
}

TEST(Proxy, IsPassedByForTheHostsOfNoProxy) {
  const struct {
    const char* no_proxy;
    const char* url;
    bool straight;
  } kCases[] = {
      {"", "http://localhost:9090", true},
      {"", "http://127.0.0.9", true},
      {"", "http://[::1]:9090", true},
      {"", "http://prom", false},
      {"*", "http://prom", true},
      {"prom", "http://prom:9090", true},
      {" PROM , x", "http://prom", true},
      {"prom", "http://myprom", false},
      {"b.test", "http://b.test", true},
      {"b.test", "http://a.b.test", true},
      {".b.test", "http://a.b.test", true},
      {".b.test", "http://b.test", false},
      {"*.b.test", "http://a.b.test", true},
      {"*.b.test", "http://b.test", false},
      {"10.0.0.1", "http://10.0.0.1", true},
      {"10.0.0.1", "http://10.0.0.11", false},
      {"10.0.0.0/8", "http://10.9.8.7", true},
      {"10.0.0.0/8", "http://11.0.0.1", false},
      {"10.0.0.0/33", "http://10.0.0.1", false},
      {"10.0.0.0/8", "http://10.test", false},
      {"fd00::/8", "http://[fd12::1]", true},
      {"fd00::/8", "http://10.0.0.1", false},
      {"[fd12::1]:9090", "http://[fd12::1]:9090", true},
      {"[fd12::1]:9090", "http://[fd12::1]", false},
      {"prom:9090", "http://prom:9090", true},
      {"prom:9090", "http://prom:9091", false},
      {"prom:80", "http://prom", true},
      {":9090", "http://prom:9090", false},
      {",,", "http://prom", false},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(std::string(c.no_proxy) + " and " + c.url);
    EXPECT_EQ(WayTo(c.url, {"http://p:1", "", c.no_proxy}),
              c.straight ? "straight" : "http://p:1");
  }
}

TEST(Proxy, SaysWhichVariableIsWrongAndNotItsValue) {
  EXPECT_EQ(WayTo("https://prom", {"", "socks5://u:secret@p", ""}),
            "error: HTTPS_PROXY: SOCKS proxies are not supported; give an "
            "http:// proxy, or except the host by NO_PROXY");
  EXPECT_EQ(WayTo("http://prom", {"http://u:secret@p:0", "", ""}),
            "error: HTTP_PROXY: not a usable URL: its port is not a number "
            "from 1 to 65535");
}

TEST(Proxy, IsReadFromEitherSpellingOfTheVariables) {
  std::map<std::string, std::string> environment = {{"HTTP_PROXY", "a"},
                                                    {"http_proxy", "b"},
                                                    {"https_proxy", "c"},
                                                    {"no_proxy", "d"}};
  const auto variable = [&environment](const char* name) {
    return environment[name];
  };
  ProxySettings settings = ProxySettings::From(variable);
  EXPECT_EQ(settings.http_proxy, "a");
  EXPECT_EQ(settings.https_proxy, "c");
  EXPECT_EQ(settings.no_proxy, "d");
  environment["REQUEST_METHOD"] = "GET";
  settings = ProxySettings::From(variable);
  EXPECT_EQ(settings.http_proxy, "");
  EXPECT_EQ(settings.https_proxy, "c");
}

}  // namespace
}  // namespace sextant::net
