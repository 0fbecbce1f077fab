// The kernels of one instruction set. Compiled once for each, with -DREPOPS_ISA=name and the compiler's flags for it.
#include "table.h"

#include "columns.inc.h"
#include "rows.inc.h"

