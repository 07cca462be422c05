/* Moving values: boxes between layouts, transposes, scatter sums. */
#include "vector.h"

INLINE void copy_run(int n, const float *from, float *to) {
  for (; n >= 4; n -= 4, from += 4, to += 4) store(to, load(from));
  for (; n > 0; n--) *to++ = *from++;
}

/* `outer` × `inner` runs of n values; steps in floats. What slice, concat, split, pad and stack are made of. */
EXPORT(copyBox)
(int outer, int inner, int n, const float *from, int from_outer, int from_inner, float *to, int to_outer, int to_inner) {
  for (; outer > 0; outer--, from += from_outer, to += to_outer)
    for (int i = 0; i < inner; i++) copy_run(n, from + i * from_inner, to + i * to_inner);
}

INLINE void transpose_square(const float *from, int row, float *to, int to_row) {
  vector x[4];
  UNROLL for (int i = 0; i < 4; i++) x[i] = load(from + i * row);
  transpose4(x);
  UNROLL for (int i = 0; i < 4; i++) store(to + i * to_row, x[i]);
}

/* to[columns, rows] = from[rows, columns] with given row steps, in blocks of 16 × 16 that stay in the cache. */
static void transpose_plane(int rows, int columns, const float *from, int row, float *to, int to_row) {
  for (int top = 0; top < rows; top += 16)
    for (int left = 0; left < columns; left += 16) {
      int bottom = top + 16 < rows ? top + 16 : rows, right = left + 16 < columns ? left + 16 : columns;
      int i = top;
      for (; i + 4 <= bottom; i += 4) {
        int j = left;
        for (; j + 4 <= right; j += 4) transpose_square(from + i * row + j, row, to + j * to_row + i, to_row);
        for (; j < right; j++)
          for (int r = i; r < i + 4; r++) to[j * to_row + r] = from[r * row + j];
      }
      for (; i < bottom; i++)
        for (int j = left; j < right; j++) to[j * to_row + i] = from[i * row + j];
    }
}

/* out[n0, n1, n2, n3, n4] dense, from given steps. One of the last three should be 1: runs or planes are moved then, not values. */
EXPORT(permute)
(int n0, int n1, int n2, int n3, int n4, const float *from, int s0, int s1, int s2, int s3, int s4, float *to) {
  int t3 = n4, t2 = n3 * t3, t1 = n2 * t2, t0 = n1 * t1;
  for (int i0 = 0; i0 < n0; i0++)
    for (int i1 = 0; i1 < n1; i1++) {
      const float *a = from + i0 * s0 + i1 * s1;
      float *b = to + i0 * t0 + i1 * t1;
      if (s4 == 1)
        for (int i2 = 0; i2 < n2; i2++)
          for (int i3 = 0; i3 < n3; i3++) copy_run(n4, a + i2 * s2 + i3 * s3, b + i2 * t2 + i3 * t3);
      else if (s3 == 1)
        for (int i2 = 0; i2 < n2; i2++) transpose_plane(n4, n3, a + i2 * s2, s4, b + i2 * t2, t3);
      else if (s2 == 1)
        for (int i3 = 0; i3 < n3; i3++) transpose_plane(n4, n2, a + i3 * s3, s4, b + i3 * t3, t2);
      else
        for (int i2 = 0; i2 < n2; i2++)
          for (int i3 = 0; i3 < n3; i3++)
            for (int i4 = 0; i4 < n4; i4++) b[i2 * t2 + i3 * t3 + i4] = a[i2 * s2 + i3 * s3 + i4 * s4];
    }
}

/* out[segments, n] = sums of those rows of x[rows, n] that `segment` assigns to each; rows assigned elsewhere are left out. */
EXPORT(segmentSum)(int rows, int n, int segments, const float *x, const int *segment, float *to) {
  for (int i = 0; i < segments * n; i++) to[i] = 0;
  for (; rows > 0; rows--, x += n, segment++) {
    if (*segment < 0 || *segment >= segments) continue;
    float *sum = to + *segment * n;
    int i = 0;
    for (; i + 4 <= n; i += 4) store(sum + i, load(sum + i) + load(x + i));
    for (; i < n; i++) sum[i] += x[i];
  }
}

/* `count` runs of n equal values, `step` floats apart. */
EXPORT(fillBox)(int count, int n, float value, float *to, int step) {
  vector four = all(value);
  for (; count > 0; count--, to += step) {
    int i = 0;
    for (; i + 4 <= n; i += 4) store(to + i, four);
    for (; i < n; i++) to[i] = value;
  }
}
