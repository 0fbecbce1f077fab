// The kernels of one instruction set. Compiled once for each, with -DREPOPS_ISA=name and the compiler's flags for it.
#include "table.h"

#include "columns.inc.h"
#include "concat.inc.h"
#include "copy.inc.h"
#include "generate.inc.h"
#include "indexed.inc.h"
#include "keccak.inc.h"
#include "matmul.inc.h"
#include "move.inc.h"
#include "rows.inc.h"

#define REPOPS_TEXT_OF(name) #name
#define REPOPS_TEXT(name) REPOPS_TEXT_OF(name)

namespace repops::REPOPS_ISA {

extern const Kernels kernels = {
    .name = REPOPS_TEXT(REPOPS_ISA),
    .floats = W,
    .rows = rows,
    .columns = columns,
    .matmul = matmul,
    .packed_words = packed_words,
    .pack = pack,
    .move = move,
    .concat = concat,
    .indexed = indexed,
    .generate = generate,
    .copy = copy,
    .keccak = keccak,
};

}  // namespace repops::REPOPS_ISA
