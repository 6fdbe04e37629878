#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace sextant::net {

// Awaits an operation and gives its error code as a value, so that a failure of
// the network is no exception.
inline constexpr auto kAwait =
    boost::asio::as_tuple_t<boost::asio::use_awaitable_t<>>{};

}  // namespace sextant::net
