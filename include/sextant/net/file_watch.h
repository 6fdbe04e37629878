#pragma once

#include <functional>
#include <string>
#include <vector>

#include "sextant/base/clock.h"
#include "sextant/base/task.h"

namespace sextant::net {

// Calls `look` at once, then soon after something changed in the directories of
// `files` (a mounted ConfigMap or Secret is replaced by renaming a link beside
// the file), and once a minute in any case.  `look` reads the files itself and
// finds out whether they differ; small and local ones, as the loop waits for
// it.  Runs until cancelled; `clock` and what `look` refers to must outlive it.
// At least one file.  Loop only.
Task<void> FollowFiles(std::vector<std::string> files, Clock& clock,
                       std::function<void()> look);

}  // namespace sextant::net
