// Reads YAML strictly, for files in which a slip must not pass for something
// else.  The text is read by yaml-cpp's event interface; what yaml-cpp lets
// pass is refused here: keys given twice, tags other than the core ones, keys
// that are not plain texts, a quote that is never closed, a key without a
// colon, tabs as indentation, and anything that grows out of bounds when its
// aliases are written out.  Merge keys (`<<`) are resolved: explicit keys win,
// and of several merged maps the first one (https://yaml.org/type/merge.html).

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "sextant/config/problem.h"
#include "yaml_node.h"

namespace sextant::config {

struct YamlLimits {
  std::size_t bytes = std::size_t{8} << 20U;

  // Nodes with every alias written out; a text counts once more for every 64
  // bytes.
  std::size_t nodes = 1'000'000;

  std::size_t depth = 100;

  // Read all documents of the file?  Else the first one; others are passed
  // over with a warning, as the reference does in silence.
  bool all_documents = false;
};

// The documents of `text`, none if it is empty; `file` is for messages.
// Whatever is wrong is added to `problems`.  A mistake that leaves no doubt
// about the rest (a key given twice, of which the first is kept) does not end
// the reading, so that all of them come at once; after any other the document
// it is in, and those behind it, are missing.
std::vector<YamlNodePtr> ReadYaml(const std::string& file,
                                  std::string_view text,
                                  const YamlLimits& limits, Problems& problems);

}  // namespace sextant::config
