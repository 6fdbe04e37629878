#include "sextant/net/url.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/result_matchers.h"

namespace sextant::net {
namespace {

struct Parts {
  std::string scheme, user_info, host;
  int port;
  std::string path, query;
};

TEST(Url, IsTakenApart) {
  const struct {
    const char* text;
    Parts parts;
  } kCases[] = {
      {"http://prom", {"http", "", "prom", 80, "", ""}},
      {"https://prom", {"https", "", "prom", 443, "", ""}},
      {"HTTP://Prom.Monitoring.SVC:9090/",
       {"http", "", "prom.monitoring.svc", 9090, "/", ""}},
      {"http://prom:/x", {"http", "", "prom", 80, "/x", ""}},
      {"http://10.0.0.7:65535", {"http", "", "10.0.0.7", 65535, "", ""}},
      {"http://[::1]:9090/a", {"http", "", "::1", 9090, "/a", ""}},
      {"https://[FD00::1]", {"https", "", "fd00::1", 443, "", ""}},
      {"http://u:p%40ss@prom/a", {"http", "u:p@ss", "prom", 80, "/a", ""}},
      {"http://u:p@ss@prom", {"http", "u:p@ss", "prom", 80, "", ""}},
      {"http://prom?a=b", {"http", "", "prom", 80, "", "a=b"}},
      {"http://prom/a%2Fb/?a=%20&b=?",
       {"http", "", "prom", 80, "/a%2Fb/", "a=%20&b=?"}},
      {"http://prom/a@b:c", {"http", "", "prom", 80, "/a@b:c", ""}},
      {"http://my_service", {"http", "", "my_service", 80, "", ""}},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.text);
    const Result<Url> url = Url::Parse(c.text);
    ASSERT_THAT(url, IsOk());
    EXPECT_EQ(url->scheme, c.parts.scheme);
    EXPECT_EQ(url->user_info, c.parts.user_info);
    EXPECT_EQ(url->host, c.parts.host);
    EXPECT_EQ(url->port, c.parts.port);
    EXPECT_EQ(url->path, c.parts.path);
    EXPECT_EQ(url->query, c.parts.query);
  }
}

TEST(Url, IsRefusedWithTheReason) {
  const struct {
    std::string text;
    const char* why;
  } kCases[] = {
      {"", "it is empty"},
      {"prom:9090", "it must begin with http:// or https://"},
      {"//prom", "it must begin with http:// or https://"},
      {"ftp://prom", "its scheme must be http or https"},
      {"http://", "it has no host"},
      {"http://:9090", "it has no host"},
      {"http://u@/x", "it has no host"},
      {"http://prom/#a",
       "it has a fragment ('#'), which is never sent to a server"},
      {"http://prom/a b",
       "it holds a blank or a control character (a blank is written %20)"},
      {" http://prom",
       "it holds a blank or a control character (a blank is written %20)"},
      {"http://prom/\r\nHost: x",
       "it holds a blank or a control character (a blank is written %20)"},
      {std::string("http://pr\0om", 12),
       "it holds a blank or a control character (a blank is written %20)"},
      {"http://pr\xc3\xb6m",
       "it holds a character outside ASCII; percent-encode it, or write the "
       "host in its xn-- form"},
      {"http://prom:0", "its port is not a number from 1 to 65535"},
      {"http://prom:65536", "its port is not a number from 1 to 65535"},
      {"http://prom:-1", "its port is not a number from 1 to 65535"},
      {"http://prom:9o90", "its port is not a number from 1 to 65535"},
      {"http://prom:99999999999999999999",
       "its port is not a number from 1 to 65535"},
      {"http://::1:9090",
       "its host has several ':'; an IPv6 address stands in brackets, "
       "http://[::1]:9090"},
      {"http://[::1", "the '[' of its IPv6 address is never closed"},
      {"http://[prom]", "what stands in its brackets is not an IPv6 address"},
      {"http://[]", "what stands in its brackets is not an IPv6 address"},
      {"http://[::1]9090", "only a port may follow the IPv6 address"},
      {"http://[fe80::1%25eth0]",
       "IPv6 addresses with a zone (%) are not supported"},
      {"http://pr%6fm",
       "its host may hold letters, digits, '-', '.' and '_' only"},
      {"http://a,b",
       "its host may hold letters, digits, '-', '.' and '_' only"},
      {"http://prom/%zz", "its path has a '%' without two hex digits"},
      {"http://u:secret%@prom",
       "its user or password has a '%' without two hex digits (a '%' is "
       "written %25)"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.text);
    EXPECT_THAT(Url::Parse(c.text),
                FailsWith(ErrorCode::kInvalidArgument,
                          std::string("not a usable URL: ") + c.why));
  }
}

TEST(Url, IsWrittenWithoutItsUser) {
  const struct {
    const char* text;
    const char* authority;
    const char* target;
    const char* whole;
  } kCases[] = {
      {"http://prom", "prom", "/", "http://prom"},
      {"http://prom:80/", "prom", "/", "http://prom/"},
      {"https://prom:443/a?b=c", "prom", "/a?b=c", "https://prom/a?b=c"},
      {"https://prom:80", "prom:80", "/", "https://prom:80"},
      {"http://u:secret@prom:9090/a", "prom:9090", "/a", "http://prom:9090/a"},
      {"http://[::1]:9090", "[::1]:9090", "/", "http://[::1]:9090"},
      {"http://[::1]?a=b", "[::1]", "/?a=b", "http://[::1]?a=b"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.text);
    const Result<Url> url = Url::Parse(c.text);
    ASSERT_THAT(url, IsOk());
    EXPECT_EQ(url->Authority(), c.authority);
    EXPECT_EQ(url->Target(), c.target);
    EXPECT_EQ(url->ToString(), c.whole);
  }
}

TEST(Url, AReferenceIsResolvedAgainstItsBase) {
  const struct {
    const char* base;
    const char* reference;
    const char* whole;
  } kCases[] = {
      // RFC 3986, 5.4, those that http has.
      {"http://a/b/c/d;p?q", "g", "http://a/b/c/g"},
      {"http://a/b/c/d;p?q", "./g", "http://a/b/c/g"},
      {"http://a/b/c/d;p?q", "g/", "http://a/b/c/g/"},
      {"http://a/b/c/d;p?q", "/g", "http://a/g"},
      {"http://a/b/c/d;p?q", "//g", "http://g"},
      {"http://a/b/c/d;p?q", "?y", "http://a/b/c/d;p?y"},
      {"http://a/b/c/d;p?q", "g?y", "http://a/b/c/g?y"},
      {"http://a/b/c/d;p?q", "#s", "http://a/b/c/d;p?q"},
      {"http://a/b/c/d;p?q", "g?y#s", "http://a/b/c/g?y"},
      {"http://a/b/c/d;p?q", ";x", "http://a/b/c/;x"},
      {"http://a/b/c/d;p?q", "", "http://a/b/c/d;p?q"},
      {"http://a/b/c/d;p?q", ".", "http://a/b/c/"},
      {"http://a/b/c/d;p?q", "..", "http://a/b/"},
      {"http://a/b/c/d;p?q", "../g", "http://a/b/g"},
      {"http://a/b/c/d;p?q", "../..", "http://a/"},
      {"http://a/b/c/d;p?q", "../../../g", "http://a/g"},
      {"http://a/b/c/d;p?q", "/./g", "http://a/g"},
      {"http://a/b/c/d;p?q", "/../g", "http://a/g"},
      {"http://a/b/c/d;p?q", "g.", "http://a/b/c/g."},
      {"http://a/b/c/d;p?q", "..g", "http://a/b/c/..g"},
      {"http://a/b/c/d;p?q", "./g/.", "http://a/b/c/g/"},
      {"http://a/b/c/d;p?q", "g;x=1/../y", "http://a/b/c/y"},
      {"http://a/b/c/d;p?q", "g?y/../x", "http://a/b/c/g?y/../x"},
      // And what else there is.
      {"http://a", "g", "http://a/g"},
      {"http://a:9090?q", "?y", "http://a:9090?y"},
      {"http://a/b", "HTTPS://C:8443/../d", "https://c:8443/d"},
      {"https://a/b", "//[::1]:9090/c", "https://[::1]:9090/c"},
      {"http://[::1]:9090/b", "c", "http://[::1]:9090/c"},
      {"http://a/b", "/c:d", "http://a/c:d"},
      {"http://a/b", "1:2", "http://a/1:2"},
      {"http://a/b", "/c//../d", "http://a/c/d"},
      {"http://a/b", "/c?to=http://d", "http://a/c?to=http://d"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.reference);
    const Result<Url> url = ResolveReference(*Url::Parse(c.base), c.reference);
    ASSERT_THAT(url, IsOk());
    EXPECT_EQ(url->ToString(), c.whole);
  }
}

TEST(Url, ARelativeReferenceKeepsTheUserAndAWholeOneBringsItsOwn) {
  const Url base = *Url::Parse("http://me:secret@a/b");
  EXPECT_EQ(ResolveReference(base, "/c")->user_info, "me:secret");
  EXPECT_EQ(ResolveReference(base, "//a/c")->user_info, "");
  EXPECT_EQ(ResolveReference(base, "http://you@a/c")->user_info, "you");
}

TEST(Url, AReferenceThatLeadsNowhereIsRefused) {
  const struct {
    const char* reference;
    const char* why;
  } kCases[] = {
      {"ftp://a/b", "its scheme must be http or https"},
      {"mailto:a", "it must begin with http:// or https://"},
      {"http:g", "it must begin with http:// or https://"},
      {"//", "it has no host"},
      {"/a b",
       "it holds a blank or a control character (a blank is written %20)"},
      {"/a\r\nb",
       "it holds a blank or a control character (a blank is written %20)"},
      {"/%zz", "its path has a '%' without two hex digits"},
      {"http://a\\b",
       "its host may hold letters, digits, '-', '.' and '_' only"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.reference);
    EXPECT_THAT(ResolveReference(*Url::Parse("http://a/b"), c.reference),
                FailsWith(ErrorCode::kInvalidArgument,
                          std::string("not a usable URL: ") + c.why));
  }
}

}  // namespace
}  // namespace sextant::net
