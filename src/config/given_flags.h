// Reads a command line as pflag (of Go) does:
//
//   --name=value  --name value  --switch  --switch=false  -v=4  -v 4  -v4
//
// "--" ends the flags.  Of a flag that is given twice the last value counts,
// except for lists and for what is asked for with All().

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "complaints.h"
#include "flag.h"
#include "sextant/base/clock.h"

namespace sextant::config {

// The flags that a command line gives.
class GivenFlags {
 public:
  // Takes the flags of `known`, which must outlive this, out of `arguments`.
  // What is none of them stays in `rest`, in order.  A value that is missing is
  // a complaint.
  static GivenFlags Take(std::span<const std::string> arguments,
                         std::span<const FlagGroup> known,
                         std::vector<std::string>& rest,
                         Complaints& complaints);

  // Complains of values that cannot be what the table says of kind and limits,
  // and forgets their flags.  To be called before reading them.
  void CheckValues(Complaints& complaints);

  bool Has(std::string_view name) const { return values_.contains(name); }

  // In the order given; of those that are given at all, once.
  const std::vector<const Flag*>& flags() const { return flags_; }

  // Every value, in order; none if the flag is not given.
  std::vector<std::string> All(std::string_view name) const;

  // The value as the command line writes it; empty if it is not given.
  std::string Text(std::string_view name) const;

  // Change `value` if the flag is given.
  void Read(std::string_view name, std::string& value) const;
  void Read(std::string_view name, bool& value) const;
  void Read(std::string_view name, Duration& value) const;
  void Read(std::string_view name, std::vector<std::string>& list) const;
  template <typename Number>
  void ReadInteger(std::string_view name, Number& value) const {
    if (Has(name)) value = static_cast<Number>(Integer(name));
  }

 private:
  std::int64_t Integer(std::string_view name) const;
  void Add(const Flag& flag, const std::string& value);

  std::vector<const Flag*> flags_;
  std::map<std::string_view, std::vector<std::string>> values_;
};

}  // namespace sextant::config
