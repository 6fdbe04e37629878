#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "sextant/backend/backend.h"

namespace sextant::backend {

// The backends of the program by the names that rules have for them.  A small
// value: copies mean the same backends, which must outlive them.
class Backends {
 public:
  using ByName = std::map<std::string, Backend*>;

  // One, by whatever name it is asked for.
  Backends(Backend& only) : only_(&only) {}  // NOLINT(google-explicit-*)

  explicit Backends(ByName by_name)
      : Backends(std::make_shared<const ByName>(std::move(by_name))) {}

  // Whoever made them may add names later; none goes.
  explicit Backends(std::shared_ptr<const ByName> by_name)
      : by_name_(std::move(by_name)) {}

  // `name` is of a rule, and so one that there is: config checks it.
  Backend& Of(const std::string& name) const {
    return only_ != nullptr ? *only_ : *by_name_->at(name);
  }

 private:
  Backend* only_ = nullptr;
  std::shared_ptr<const ByName> by_name_;
};

}  // namespace sextant::backend
