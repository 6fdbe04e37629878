// Log lines: one per event, with fields.
//
//   obs::Warn("relist failed", {{"rule", name}, {"error", e.message}});
//
// writes to standard error
//
//   2026-11-22T11:32:03.045Z WARN relist failed rule=rules[3] error="no such
//   host"
//
// A field's value is quoted and escaped when it holds anything but plain
// printable characters, so that no value can forge a line.  Any thread.

#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace sextant::obs {

enum class Level { kDebug, kInfo, kWarn, kError };

// Lines below `level` are not written.  kInfo until called.
void SetLevel(Level level);
bool Enabled(Level level);

using Field = std::pair<std::string_view, std::string>;
using Fields = std::initializer_list<Field>;

void Debug(std::string_view event, Fields fields = {});
void Info(std::string_view event, Fields fields = {});
void Warn(std::string_view event, Fields fields = {});
void Error(std::string_view event, Fields fields = {});

// The line without its time, for tests.
std::string FormatLine(Level level, std::string_view event, Fields fields);

}  // namespace sextant::obs
