// Not allowed: a module that is not used.
#include "sextant/api/service.h"
