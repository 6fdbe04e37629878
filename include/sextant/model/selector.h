#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sextant/base/result.h"
#include "sextant/model/labels.h"

namespace sextant::model {

// One condition of a label selector.
struct Requirement {
  enum class Operator {
    kEquals,     // k=v, k==v
    kNotEquals,  // k!=v
    kIn,         // k in (a,b)
    kNotIn,      // k notin (a,b)
    kExists,     // k
    kNotExists,  // !k
    kGreater,    // k>5
    kLess,       // k<5
  };
  std::string key;
  Operator op = Operator::kExists;
  std::vector<std::string> values;  // sorted, each once; empty for k and !k

  // Does an object fit whose label `key` has this value?  Null: it has none.
  // k!=v and notin fit objects without the key; k>5 and k<5 fit integers only.
  bool Fits(const std::string* value) const;

  friend bool operator==(const Requirement&, const Requirement&) = default;
};

// A Kubernetes label selector: all requirements must hold; none selects
// everything.  Immutable; any thread.
class Selector {
 public:
  Selector() = default;

  // Reads the grammar of k8s.io/apimachinery/pkg/labels ("a=b,c in (d,e),!f").
  // The error's message is that library's text, which clients are used to
  // (kubernetes-wire 3.4; prometheus-adapter 12.3).
  static Result<Selector> Parse(std::string_view text);

  bool empty() const { return requirements_.empty(); }

  // In ascending order of keys; those of one key in the order of the text.
  const std::vector<Requirement>& requirements() const { return requirements_; }

  // Does an object with these labels fit?
  bool Matches(const Labels& labels) const;

  // The canonical text: "a=b,c in (d,e),!f".
  std::string ToString() const;

 private:
  std::vector<Requirement> requirements_;
};

}  // namespace sextant::model
