// Allowed: a module below, a library of its own, its own header.
#include "allowed.h"

#include <zlib.h>

#include <string>

#include "sextant/base/result.h"
