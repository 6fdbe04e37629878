#pragma once

#include <string>

#include "sextant/base/result.h"

namespace sextant::config {

// What is wrong with a command line, one mistake a line, in the order found.
class Complaints {
 public:
  void Add(const std::string& text) {
    if (!text_.empty()) text_ += "\n";
    text_ += text;
  }
  bool empty() const { return text_.empty(); }
  Error ToError() const { return {ErrorCode::kInvalidArgument, text_, ""}; }

 private:
  std::string text_;
};

}  // namespace sextant::config
