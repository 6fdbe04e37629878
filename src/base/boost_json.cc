// Boost.JSON, compiled here once; Debian's own library need not be linked.

#include <boost/json/src.hpp>
