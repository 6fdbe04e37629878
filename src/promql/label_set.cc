#include "sextant/promql/label_set.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace sextant::promql {

LabelSet LabelSet::Without(const std::set<std::string>& names) const {
  LabelSet set = *this;
  for (const std::string& name : names) {
    if (all_but_) {
      set.names_.insert(name);
    } else {
      set.names_.erase(name);
    }
  }
  return set;
}

LabelSet LabelSet::Within(const LabelSet& other) const {
  if (other.all_but_) return Without(other.names_);
  if (all_but_) return other.Without(names_);
  std::set<std::string> both;
  std::set_intersection(names_.begin(), names_.end(), other.names_.begin(),
                        other.names_.end(), std::inserter(both, both.end()));
  return Only(std::move(both));
}

LabelSet LabelSet::With(const LabelSet& other) const {
  if (!all_but_ && other.all_but_) return other.With(*this);
  LabelSet set = *this;
  if (all_but_ && other.all_but_) {
    std::set<std::string> neither;
    std::set_intersection(names_.begin(), names_.end(), other.names_.begin(),
                          other.names_.end(),
                          std::inserter(neither, neither.end()));
    set.names_ = std::move(neither);
  } else if (all_but_) {
    for (const std::string& name : other.names_) set.names_.erase(name);
  } else {
    set.names_.insert(other.names_.begin(), other.names_.end());
  }
  return set;
}

}  // namespace sextant::promql
