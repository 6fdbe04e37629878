// Coroutines on the loop.
//
// The program has one loop thread.  Every Task runs on it, so what only Tasks
// touch needs no lock: between two co_awaits nothing else happens.  After a
// co_await anything may have changed, so look again at what you looked at.
// Work that would hold the loop for more than a millisecond (reading a large
// configuration, signing with RSA) goes to the worker pool and is awaited.
//
// A Task that is cancelled unwinds: the co_await it is in, or its next one,
// throws boost::system::system_error(operation_aborted).  So what a Task must
// undo stands in destructors, and nobody but the one who cancelled catches it.

#pragma once

#include <boost/asio/awaitable.hpp>

namespace sextant {

template <typename T>
using Task = boost::asio::awaitable<T>;

}  // namespace sextant
