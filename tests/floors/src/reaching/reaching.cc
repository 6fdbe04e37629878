// Not allowed: the folder of another module.
#include "../base/utf8.h"
