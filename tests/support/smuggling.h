#pragma once

#include <cstdio>
#include <string>
#include <vector>

namespace sextant {

// A request that hides another one in what some servers take for its body and
// others for the next request.
struct SmugglingCase {
  std::string what;
  std::string bytes;
  // The status it is refused with; 0 if it is a valid request whose body has
  // to be taken as a body.
  int refused_with;
};

// What an attacker wants the server to see as a request of its own: behind an
// authenticating proxy it would be anybody's.
inline std::string SmuggledRequest() {
  return "GET /smuggled HTTP/1.1\r\nHost: x\r\n"
         "X-Remote-User: system:admin\r\n\r\n";
}

inline std::vector<SmugglingCase> SmugglingCases() {
  const std::string inner = SmuggledRequest();
  const std::string size = std::to_string(inner.size());
  char hex[32];
  snprintf(hex, sizeof(hex), "%zx", inner.size());
  const std::string chunk = std::string(hex) + "\r\n" + inner + "\r\n0\r\n\r\n";
  const std::string get = "GET /outer HTTP/1.1\r\nHost: x\r\n";
  const std::string post = "POST /outer HTTP/1.1\r\nHost: x\r\n";
  const std::string length = "Content-Length: " + size + "\r\n";
  const std::string chunked = "Transfer-Encoding: chunked\r\n";
  // After the head comes `inner`, as a body of the length given or not.
  const auto with = [&](const std::string& fields) {
    return get + fields + "\r\n" + inner;
  };
  // The same for chunked bodies: the inner request stands behind the end of
  // the body for whoever sees the chunks, and in it for whoever does not.
  const auto coded = [&](const std::string& fields) {
    return post + fields + "\r\n0\r\n\r\n" + inner;
  };
  const auto chunk_size = [&](const std::string& text) {
    return post + chunked + "\r\n" + text + "\r\n" + inner + "\r\n0\r\n\r\n";
  };
  std::string many_fields;
  for (int i = 0; i < 3000; ++i) {
    many_fields += "X-Field-" + std::to_string(i) + ": v\r\n";
  }
  const std::string lf_length = "Content-Length: " + size;

  return {
      {"body of a GET", with(length), 0},
      {"chunked body of a GET", get + chunked + "\r\n" + chunk, 0},
      {"body of an unknown method",
       "BREW /outer HTTP/1.1\r\nHost: x\r\n" + length + "\r\n" + inner, 0},
      {"body behind a 9 KB target",
       "GET /" + std::string(9000, 'a') + " HTTP/1.1\r\nHost: x\r\n" + length +
           "\r\n" + inner,
       0},
      {"body behind a 9 KB header line",
       with("X-Long: " + std::string(9000, 'a') + "\r\n" + length), 0},
      {"body behind a range", with("Range: bytes=nonsense\r\n" + length), 0},

      {"behind too many header lines", with(many_fields + length), 431},
      {"behind a header line that is too long",
       with("X-Long: " + std::string(40000, 'a') + "\r\n" + length), 431},
      {"behind a target that is too long",
       "GET /" + std::string(40000, 'a') + " HTTP/1.1\r\nHost: x\r\n" + length +
           "\r\n" + inner,
       414},
      {"behind a head without Host",
       "GET /outer HTTP/1.1\r\n" + length + "\r\n" + inner, 400},
      {"behind a head with two Hosts", with("Host: y\r\n" + length), 400},
      {"behind a bad request line",
       "GET  /outer HTTP/1.1\r\nHost: x\r\n" + length + "\r\n" + inner, 400},
      {"behind an unknown version",
       "GET /outer HTTP/2.0\r\nHost: x\r\n" + length + "\r\n" + inner, 400},
      {"behind an authority as the target",
       "CONNECT x:443 HTTP/1.1\r\nHost: x\r\n" + length + "\r\n" + inner, 400},
      {"behind an unknown expectation", with("Expect: tea\r\n" + length), 417},
      {"behind a body that is too large", with("Content-Length: 99999999\r\n"),
       413},

      {"length and chunked", coded(length + chunked), 400},
      {"chunked and length", coded(chunked + length), 400},
      {"coding xchunked", coded("Transfer-Encoding: xchunked\r\n"), 400},
      {"coding identity", coded("Transfer-Encoding: identity\r\n"), 400},
      {"coding chunked, identity",
       coded("Transfer-Encoding: chunked, identity\r\n"), 400},
      {"coding gzip, chunked", coded("Transfer-Encoding: gzip, chunked\r\n"),
       400},
      {"coding chunked, chunked",
       coded("Transfer-Encoding: chunked, chunked\r\n"), 400},
      {"coding chunked twice", coded(chunked + chunked), 400},
      {"coding chunked and identity",
       coded(chunked + "Transfer-Encoding: identity\r\n"), 400},
      {"coding with a vertical tab",
       coded("Transfer-Encoding: \x0b"
             "chunked\r\n"),
       400},
      {"coding with a parameter", coded("Transfer-Encoding: chunked;a=b\r\n"),
       400},
      {"coding in quotes", coded("Transfer-Encoding: \"chunked\"\r\n"), 400},
      {"empty coding", coded("Transfer-Encoding:\r\n"), 400},
      {"coding with a blank before the colon",
       coded("Transfer-Encoding : chunked\r\n"), 400},
      {"coding with a blank before the name",
       coded(" Transfer-Encoding: chunked\r\n"), 400},
      {"chunked in HTTP/1.0",
       "POST /outer HTTP/1.0\r\nHost: x\r\n" + chunked + "\r\n" + chunk, 400},

      {"lengths 0 and n", with("Content-Length: 0\r\n" + length), 400},
      {"lengths n and 0", with(length + "Content-Length: 0\r\n"), 400},
      {"lengths n and n", with(length + length), 400},
      {"length 0, n", with("Content-Length: 0, " + size + "\r\n"), 400},
      {"length n, n", with("Content-Length: " + size + ", " + size + "\r\n"),
       400},
      {"length -1", with("Content-Length: -1\r\n"), 400},
      {"length +n", with("Content-Length: +" + size + "\r\n"), 400},
      {"length in hex", with("Content-Length: 0x" + std::string(hex) + "\r\n"),
       400},
      {"length with a blank inside", with("Content-Length: 1 " + size + "\r\n"),
       400},
      {"length of 25 digits",
       with("Content-Length: 1000000000000000000000000\r\n"), 400},
      {"empty length", with("Content-Length:\r\n"), 400},
      {"length with a blank before the colon",
       with("Content-Length : " + size + "\r\n"), 400},
      {"length with a tab before the colon",
       with("Content-Length\t: " + size + "\r\n"), 400},
      {"length in a folded line", with("X-A: b\r\n " + length), 400},
      {"length folded", with("Content-Length:\r\n " + size + "\r\n"), 400},
      {"a field without a colon", with("Nonsense\r\n" + length), 400},
      {"a field without a name", with(": v\r\n" + length), 400},
      {"NUL in a value", with(std::string("X-A: a\0b\r\n", 10) + length), 400},

      {"bare LF everywhere",
       "GET /outer HTTP/1.1\nHost: x\n" + lf_length + "\n\n" + inner, 400},
      {"bare LF before the length",
       "GET /outer HTTP/1.1\r\nHost: x\r\nX-A: b\n" + lf_length + "\r\n\r\n" +
           inner,
       400},
      {"bare LF as the end of the head",
       "GET /outer HTTP/1.1\r\nHost: x\r\n" + lf_length + "\r\n\n" + inner,
       400},
      {"bare CR before the length",
       "GET /outer HTTP/1.1\r\nHost: x\r\nX-A: b\r" + lf_length + "\r\n\r\n" +
           inner,
       400},
      {"CR CR LF",
       "GET /outer HTTP/1.1\r\nHost: x\r\r\n" + lf_length + "\r\n\r\n" + inner,
       400},

      {"chunk size -1", chunk_size("-1"), 400},
      {"chunk size -2", chunk_size("-2"), 400},
      {"chunk size g", chunk_size("g"), 400},
      {"empty chunk size", chunk_size(""), 400},
      {"chunk size +n", chunk_size("+" + std::string(hex)), 400},
      {"chunk size 0xn", chunk_size("0x" + std::string(hex)), 400},
      {"chunk size of 17 digits", chunk_size("1000000000000000f"), 400},
      {"chunk size with a blank before", chunk_size(" " + std::string(hex)),
       400},
      {"chunk size above the limit", chunk_size("fffffff"), 413},
      {"chunk that is longer than its size", chunk_size("1"), 400},
      {"chunk line with a bare LF",
       post + chunked + "\r\n" + hex + "\n" + inner + "\r\n0\r\n\r\n", 400},
      {"chunk extension with a bare LF",
       post + chunked + "\r\n" + hex + ";a\nb\r\n" + inner + "\r\n0\r\n\r\n",
       400},
      {"chunk extension with a bare LF in quotes",
       post + chunked + "\r\n" + hex + ";a=\"\n\"\r\n" + inner +
           "\r\n0\r\n\r\n",
       400},
      {"last chunk with a bare LF in quotes",
       post + chunked + "\r\n0;a=\"\n\"\r\n\r\n" + inner, 400},
      {"chunk line that does not end",
       post + chunked + "\r\n" + hex + ";" + std::string(20000, 'a'), 400},
  };
}

}  // namespace sextant
