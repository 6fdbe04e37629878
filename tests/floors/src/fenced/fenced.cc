// Not allowed: a library that is fenced off.
#include <re2/re2.h>
