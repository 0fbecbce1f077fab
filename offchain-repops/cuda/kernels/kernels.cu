// All kernels, as one module. list.h names them for the host build.
#include "columns.cuh"
#include "data.cuh"
#include "keccak.cuh"
#include "matmul.cuh"
#include "rows.cuh"
#include "scatter.cuh"
#include "thin.cuh"
