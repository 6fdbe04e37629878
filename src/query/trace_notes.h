// What the engine writes into the trace of a request while it answers it.  Each
// of these does nothing for a null trace.

#pragma once

#include <string>
#include <vector>

#include "asking.h"
#include "sextant/base/result.h"
#include "sextant/model/sample.h"
#include "sextant/query/engine.h"
#include "sextant/query/trace.h"
#include "value.h"

namespace sextant::query {

// An error on its way out, with a note of it.
Error End(Trace* trace, Cause cause, Error error);

// A rule was made from the metric's name, or none could be, and why.  `label`
// names the object; empty for external metrics.
void NoteMadeRule(Trace* trace, const rules::Rule& rule,
                  const std::string& series, const std::string& label);
void NoteNoMadeRule(Trace* trace, const std::string& why);
// There is no series that the made rule is about.
void NoteNoSuchSeries(Trace* trace, const std::string& series);

// Which objects are asked for, and what the lister said.
void NoteObjects(Trace* trace, const CustomRequest& request, bool all);
void NoteList(Trace* trace, const Result<std::vector<std::string>>& names);

// What the backend that was asked is taken for by now.
void NoteBackend(Trace* trace, const backend::Backends& backends);
void NoteBackend(ResourceTrace* trace, const backend::Backends& backends);

void NoteLabels(Trace* trace, const ObjectLabels& labels);

// `answer` is null if none came in time.
void NoteAnswer(Trace* trace, const std::string& text, const Answer& answer);

// `fates` of the samples of all answers, in their order.
void NoteFates(Trace* trace, const std::vector<SampleState>& fates);

// Why a request that got an answer has no value.
Cause CauseOfNothing(const std::vector<SampleState>& fates);

}  // namespace sextant::query
