/*
 * Matrix products: batched, either operand transposed, without copies of whole matrices.
 *
 * As in BLIS (Van Zee & van de Geijn 2015): a block of the right operand is packed into panels of TILE_COLUMNS columns that stay in
 * the second-level cache, a block of the left one into panels of TILE_ROWS rows; one panel of each makes a tile of results that stays
 * in registers. A result is the sum over `depth_at_once` terms in order, plus that of the next stretch, and so on: it does not
 * depend on the shape of the blocks, on the number of rows or on where in the matrix it stands.
 */
#include "product.h"

#ifndef TILE_VECTORS
#define TILE_VECTORS 2
#endif
#define TILE_COLUMNS (4 * TILE_VECTORS)
#define TILE_ROWS 6

enum { depth_at_once = 256, rows_at_once = 20 * TILE_ROWS, columns_at_once = 256 };

/* Where a tile goes: c itself is added to (onto), else the bias of each column or nothing. */
typedef struct {
  float *c;
  int row, columns, onto;
  const float *bias;
} target;

/* to[rows, columns] = left · right; of both packed panels, `depth` times TILE_ROWS and TILE_COLUMNS values, the first ones are used. */
INLINE void tile(int rows, int vectors, const float *left, const float *right, int depth, target to) {
  vector sum[TILE_ROWS][TILE_VECTORS];
  UNROLL for (int r = 0; r < rows; r++)
    UNROLL for (int v = 0; v < vectors; v++) sum[r][v] = all(0);
  for (; depth > 0; depth--, left += TILE_ROWS, right += TILE_COLUMNS) {
    vector b[TILE_VECTORS];
    UNROLL for (int v = 0; v < vectors; v++) b[v] = load(right + 4 * v);
    UNROLL for (int r = 0; r < rows; r++) {
      vector a = all(left[r]);
      UNROLL for (int v = 0; v < vectors; v++) sum[r][v] = multiply_add(a, b[v], sum[r][v]);
    }
  }
  /* Stores in straight lines: an engine that joins neighbouring vectors into wider ones starts from them. */
  if (to.columns == 4 * vectors) {
    if (to.onto)
      UNROLL for (int r = 0; r < rows; r++)
        UNROLL for (int v = 0; v < vectors; v++) store(to.c + r * to.row + 4 * v, sum[r][v] + load(to.c + r * to.row + 4 * v));
    else if (to.bias)
      UNROLL for (int r = 0; r < rows; r++)
        UNROLL for (int v = 0; v < vectors; v++) store(to.c + r * to.row + 4 * v, sum[r][v] + load(to.bias + 4 * v));
    else
      UNROLL for (int r = 0; r < rows; r++)
        UNROLL for (int v = 0; v < vectors; v++) store(to.c + r * to.row + 4 * v, sum[r][v]);
    return;
  }
  int last = to.columns - 4 * (vectors - 1);
  UNROLL for (int r = 0; r < rows; r++)
    UNROLL for (int v = 0; v < vectors; v++) {
      float *c = to.c + r * to.row + 4 * v;
      int count = v < vectors - 1 ? 4 : last;
      const float *add = to.onto ? c : to.bias ? to.bias + 4 * v : 0;
      store_up_to(c, add ? sum[r][v] + load_up_to(add, count) : sum[r][v], count);
    }
}

/* Rows of results that share one right panel: whole tiles, then what is left. */
INLINE void strip(int vectors, int rows, const float *left, const float *right, int depth, target to) {
  for (; rows >= TILE_ROWS; rows -= TILE_ROWS, left += TILE_ROWS * depth, to.c += TILE_ROWS * to.row)
    tile(TILE_ROWS, vectors, left, right, depth, to);
  switch (rows) {
    case 1: return tile(1, vectors, left, right, depth, to);
    case 2: return tile(2, vectors, left, right, depth, to);
    case 3: return tile(3, vectors, left, right, depth, to);
    case 4: return tile(4, vectors, left, right, depth, to);
    case 5: return tile(5, vectors, left, right, depth, to);
  }
}

/* Not inlined, so that there is one copy; structures stay in registers only inside, as the module has no stack. */
static NOINLINE void strip_of(int vectors, int rows, const float *left, const float *right, int depth, float *c, int c_row,
                              int columns, int onto, const float *bias) {
  target to = {c, c_row, columns, onto, bias};
  switch (vectors) {
    case 1: return strip(1, rows, left, right, depth, to);
    case 2: return strip(2, rows, left, right, depth, to);
#if TILE_VECTORS == 4
    case 3: return strip(3, rows, left, right, depth, to);
    case 4: return strip(4, rows, left, right, depth, to);
#endif
  }
}

/* Lays `width` columns of `depth` rows `step` floats apart: to[d · step + w] = from[d · row + w · column]. */
INLINE void lay(const float *from, int row, int column, int depth, int width, float *to, int step) {
  int w = 0;
  if (column == 1) {
    for (; w + 4 <= width; w += 4)
      for (int d = 0; d < depth; d++) store(to + d * step + w, load(from + d * row + w));
  } else if (row == 1) {
    for (; w + 4 <= width; w += 4) {
      const float *at = from + w * column;
      int d = 0;
      for (; d + 4 <= depth; d += 4) {
        vector x[4];
        UNROLL for (int i = 0; i < 4; i++) x[i] = load(at + i * column + d);
        transpose4(x);
        UNROLL for (int i = 0; i < 4; i++) store(to + (d + i) * step + w, x[i]);
      }
      for (; d < depth; d++)
        UNROLL for (int i = 0; i < 4; i++) to[d * step + w + i] = at[i * column + d];
    }
    if (w + 2 <= width) {
      const float *at = from + w * column;
      int d = 0;
      for (; d + 4 <= depth; d += 4) {
        vector a = load(at + d), b = load(at + column + d);
        vector low = __builtin_shufflevector(a, b, 0, 4, 1, 5), high = __builtin_shufflevector(a, b, 2, 6, 3, 7);
        store_half(to + d * step + w, low, 0);
        store_half(to + (d + 1) * step + w, low, 1);
        store_half(to + (d + 2) * step + w, high, 0);
        store_half(to + (d + 3) * step + w, high, 1);
      }
      for (; d < depth; d++)
        UNROLL for (int i = 0; i < 2; i++) to[d * step + w + i] = at[i * column + d];
      w += 2;
    }
  }
  for (; w < width; w++)
    for (int d = 0; d < depth; d++) to[d * step + w] = from[d * row + w * column];
}

/* Into panels of TILE_COLUMNS columns; lanes beyond the last column keep what they had, their results are not stored. */
static NOINLINE void pack_right(const float *b, int row, int column, int depth, int columns, float *to) {
  for (int j = 0; j < columns; j += TILE_COLUMNS) {
    int width = columns - j < TILE_COLUMNS ? columns - j : TILE_COLUMNS;
    lay(b + j * column, row, column, depth, width, to + j * depth, TILE_COLUMNS);
  }
}

static NOINLINE void pack_left(const float *a, int row, int column, int rows, int depth, float *to) {
  for (int i = 0; i < rows; i += TILE_ROWS) {
    int height = rows - i < TILE_ROWS ? rows - i : TILE_ROWS;
    lay(a + i * row, column, row, depth, height, to + i * depth, TILE_ROWS);
  }
}

NOINLINE void multiply(int m, int n, int k, const float *a, int a_row, int a_column, const float *b, int b_row, int b_column,
                       float *c, int c_row, int onto, const float *bias, float *scratch) {
  float *right = scratch, *left = scratch + depth_at_once * (columns_at_once + TILE_COLUMNS);
  for (int j = 0; j < n; j += columns_at_once) {
    int columns = n - j < columns_at_once ? n - j : columns_at_once;
    for (int d = 0; d < k; d += depth_at_once) {
      int depth = k - d < depth_at_once ? k - d : depth_at_once;
      pack_right(b + d * b_row + j * b_column, b_row, b_column, depth, columns, right);
      for (int i = 0; i < m; i += rows_at_once) {
        int rows = m - i < rows_at_once ? m - i : rows_at_once;
        pack_left(a + i * a_row + d * a_column, a_row, a_column, rows, depth, left);
        for (int s = 0; s < columns; s += TILE_COLUMNS) {
          int width = columns - s < TILE_COLUMNS ? columns - s : TILE_COLUMNS;
          strip_of((width + 3) / 4, rows, left, right + s * depth, depth, c + i * c_row + j + s, c_row, width, onto || d > 0,
                   bias ? bias + j + s : 0);
        }
      }
    }
  }
}

/* Floats that `product` needs besides its arguments, 16-byte aligned. */
__attribute__((export_name("productScratch"))) int product_scratch(void) {
  return depth_at_once * (columns_at_once + TILE_COLUMNS) + depth_at_once * (rows_at_once + TILE_ROWS);
}

/* `multiply` for every item of a batch; c dense, a batch step 0 for an operand that all items share. */
EXPORT(product)
(int batch, int m, int n, int k, const float *a, int a_batch, int a_row, int a_column, const float *b, int b_batch, int b_row,
 int b_column, float *c, int onto, const float *bias, float *scratch) {
  for (; batch > 0; batch--) {
    multiply(m, n, k, a, a_row, a_column, b, b_row, b_column, c, n, onto, bias, scratch);
    a += a_batch;
    b += b_batch;
    c += m * n;
  }
}
