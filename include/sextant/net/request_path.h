#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sextant::net {

// The path of a request, taken apart in the one way that counts: whoever says
// what a path means (what is served, and who may have it) begins here, so that
// no two of them can see different borders.
//
// Each segment is percent-decoded once, after the path was split, so that no
// escape can move a border.  "." and ".." are segments like any other.
struct SplitPath {
  bool malformed = false;  // not a path: a bad escape, or no '/' at its start
  // An empty segment inside, or one that hides a slash: names nothing, whatever
  // the rest says.
  bool broken = false;
  bool slash_at_end = false;
  std::vector<std::string> segments;  // decoded; useless if malformed

  // Reads the part of a request's target before '?'.  Pure.
  static SplitPath Of(std::string_view path);
};

}  // namespace sextant::net
