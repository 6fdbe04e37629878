// What is written to the log about requests.

#pragma once

#include <string>

#include "call.h"
#include "sextant/base/clock.h"
#include "sextant/base/result.h"
#include "sextant/net/http.h"

namespace sextant::api {

// An error whose detail says more than the client was told: a warning if it is
// our side's, else a debug line, since nobody may fill the log with his own
// mistakes.
void LogError(const Call& call, const Error& error);

// The answer that tells it to the client, after LogError().
net::Response Refuse(const Call& call, const Error& error);

// An exception, which only a bug can cause.
void LogCrash(const Call& call, const std::string& what);

// The debug line of every request.
void LogRequest(const Call& call, const net::Response& response, Duration took,
                const std::string& audit_id);

}  // namespace sextant::api
