// What the resource engine writes into the trace of a request while it answers
// it.  Each of these does nothing for a null trace.

#pragma once

#include <string>
#include <vector>

#include "asking.h"
#include "sextant/base/result.h"
#include "sextant/model/object.h"
#include "sextant/query/resource_engine.h"
#include "sextant/query/trace.h"
#include "usage.h"

namespace sextant::query {

// An error on its way out, with a note of it.
Error EndOfUsage(ResourceTrace* trace, Cause cause, Error error);

// Which objects are asked for, and what the lister said.
void NoteListed(ResourceTrace* trace, const ResourceRequest& request,
                const std::vector<model::ObjectMetadata>& objects);
void NoteNotListed(ResourceTrace* trace, const ResourceRequest& request,
                   const Error& error);

// A rule was asked this about objects of one namespace.  Of each question once,
// in the order in which their samples are noted.
void NoteQuestion(ResourceTrace* trace, const rules::ResourceRule& rule,
                  rules::Measured what, const MeasureLabels& labels,
                  const std::vector<RuleQuery>& queries,
                  const std::vector<Answer>& answers);

// What became of the samples of that question's answers, in their order.
void NoteSamples(ResourceTrace* trace, std::size_t question,
                 const std::vector<SampleState>& fates);

// An object that has no value, for want of one or both.
void NoteLeftOut(ResourceTrace* trace, const model::ObjectRef& object,
                 const Measure& cpu, const Measure& memory);

// How the request ended: with so many values for so many objects.
void NoteEnd(ResourceTrace* trace, std::size_t values, std::size_t objects);

}  // namespace sextant::query
