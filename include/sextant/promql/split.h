#pragma once

#include <string_view>

namespace sextant::promql {

// May `query` be asked in parts that differ only in which values of `label`
// they select, and the answers be put together?
//
// True only when it is proved from the text that a sample with label="a"
// depends on no series of another value: every aggregation keeps the label
// (`by` names it, or `without` does not), no vector matching drops it, and
// nothing mixes series otherwise (scalar, absent, count_values, topk,
// label_replace ...).  A text that is not surely understood is false.  Pure.
bool CanSplitBy(std::string_view query, std::string_view label);

}  // namespace sextant::promql
