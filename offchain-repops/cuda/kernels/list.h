// Name and parameters of every kernel, for builds that cannot look them up in a module.
#define REPOPS_KERNELS(X)                          \
  X(repops_columns_max_f32, ColumnsParameters)     \
  X(repops_columns_max_i32, ColumnsParameters)     \
  X(repops_columns_sum_f32, ColumnsParameters)     \
  X(repops_columns_sum_i32, ColumnsParameters)     \
  X(repops_concat, ConcatParameters)               \
  X(repops_fold, FoldParameters)                   \
  X(repops_gather, GatherParameters)               \
  X(repops_iota, IotaParameters)                   \
  X(repops_leaves, LeavesParameters)               \
  X(repops_matmul_128x128, MatMulParameters)       \
  X(repops_matmul_128x64, MatMulParameters)        \
  X(repops_matmul_64x64, MatMulParameters)         \
  X(repops_matmul_fold, MatMulFoldParameters)      \
  X(repops_move, MoveParameters)                   \
  X(repops_philox, PhiloxParameters)               \
  X(repops_rows, RowsParameters)                   \
  X(repops_rows_flat, RowsParameters)              \
  X(repops_scatter_add, ScatterParameters)         \
  X(repops_scatter_sort, SortParameters)           \
  X(repops_thin_1, MatMulParameters)               \
  X(repops_thin_8, MatMulParameters)               \
  X(repops_tree_row, TreeParameters)               \
  X(repops_tree_top, TreeParameters)
