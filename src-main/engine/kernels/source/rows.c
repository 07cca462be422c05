/* Sums, softmax and normalisation over rows and over columns of [rows, n]. */
#include "exponential.h"

/* A row cut into vectors: index `i`, `count` values left, of which LOAD and STORE take up to 4; LOAD fills up with zeros. */
#define EACH_VECTOR(n) for (int i = 0, count = (n); i < (n); i += 4, count -= 4)
#define LOAD(at) load_up_to((at) + i, count)
#define STORE(at, x) store_up_to((at) + i, x, count)

/* Σ of n values in 16 partial sums. */
INLINE float sum_row(int n, const float *x) {
  vector sum[4] = {all(0), all(0), all(0), all(0)};
  for (; n >= 16; n -= 16, x += 16)
    UNROLL for (int v = 0; v < 4; v++) sum[v] += load(x + 4 * v);
  for (; n >= 4; n -= 4, x += 4) sum[0] += load(x);
  if (n > 0) sum[1] += load_first(x, n);
  return sum_of((sum[0] + sum[1]) + (sum[2] + sum[3]));
}

/* out[columns] += Σ over rows of x[rows, columns], rows `step` apart, `vectors` vectors wide; 64 rows at a time are summed apart. */
INLINE void sum_stripe(int vectors, int rows, int step, const float *x, float *to, int onto) {
  vector total[8];
  UNROLL for (int v = 0; v < vectors; v++) total[v] = onto ? load(to + 4 * v) : all(0);
  while (rows > 0) {
    vector sum[8];
    UNROLL for (int v = 0; v < vectors; v++) sum[v] = all(0);
    int some = rows < 64 ? rows : 64;
    rows -= some;
    for (; some > 0; some--, x += step)
      UNROLL for (int v = 0; v < vectors; v++) sum[v] += load(x + 4 * v);
    UNROLL for (int v = 0; v < vectors; v++) total[v] += sum[v];
  }
  UNROLL for (int v = 0; v < vectors; v++) store(to + 4 * v, total[v]);
}

/* out[outer, inner] = factor · Σ over the middle of x[outer, middle, inner]. */
EXPORT(sumMiddle)(int outer, int middle, int inner, const float *x, float factor, float *to) {
  for (; outer > 0; outer--, x += middle * inner, to += inner) {
    if (inner == 1) {
      *to = factor * sum_row(middle, x);
      continue;
    }
    int i = 0;
    for (; i + 16 <= inner; i += 16) sum_stripe(4, middle, inner, x + i, to + i, 0);
    for (; i + 4 <= inner; i += 4) sum_stripe(1, middle, inner, x + i, to + i, 0);
    for (; i < inner; i++) {
      float total = 0;
      for (int from = 0; from < middle; from += 64) {
        float sum = 0;
        for (int r = from; r < middle && r < from + 64; r++) sum += x[r * inner + i];
        total += sum;
      }
      to[i] = total;
    }
    if (factor != 1)
      for (i = 0; i < inner; i++) to[i] *= factor;
  }
}

/* Over each row, with its largest value subtracted. */
EXPORT(Softmax)(int rows, int n, const float *x, float *y) {
  exponential_constants k = for_exponential();
  for (; rows > 0; rows--, x += n, y += n) {
    vector top = all(x[0]);
    EACH_VECTOR(n) top = larger_or(top, fill_from(count, LOAD(x), x[0]));
    top = all(largest_of(top));
    vector sum = all(0);
    EACH_VECTOR(n) {
      vector e = fill_from(count, exponential(k, LOAD(x) - top), 0);
      sum += e;
      STORE(y, e);
    }
    vector share = all(1.0f / sum_of(sum));
    EACH_VECTOR(n) STORE(y, LOAD(y) * share);
  }
}

/* dx = y · (dy − Σ y · dy), y the softmax of each row. */
EXPORT(SoftmaxBackward)(int rows, int n, const float *y, const float *dy, float *dx) {
  for (; rows > 0; rows--, y += n, dy += n, dx += n) {
    vector along = all(0);
    EACH_VECTOR(n) along = multiply_add(LOAD(y), LOAD(dy), along);
    along = all(sum_of(along));
    EACH_VECTOR(n) STORE(dx, LOAD(y) * (LOAD(dy) - along));
  }
}

/* y = normed · gain + bias, normed = (x − mean) · scale, scale = 1 / √(variance + epsilon) of each row. */
EXPORT(LayerNormForward)
(int rows, int n, const float *x, const float *gain, const float *bias, float epsilon, float *y, float *normed, float *scale) {
  for (; rows > 0; rows--, x += n, y += n, normed += n, scale++) {
    vector mean = all(sum_row(n, x) / n), square = all(0);
    EACH_VECTOR(n) {
      vector d = fill_from(count, LOAD(x) - mean, 0);
      square = multiply_add(d, d, square);
    }
    *scale = 1.0f / __builtin_sqrtf(sum_of(square) / n + epsilon);
    vector s = all(*scale);
    EACH_VECTOR(n) {
      vector d = (LOAD(x) - mean) * s;
      STORE(normed, d);
      STORE(y, multiply_add(d, LOAD(gain), LOAD(bias)));
    }
  }
}

/* dx[rows, n], and over all rows dgain[n] = Σ dy · normed, dbias[n] = Σ dy. */
EXPORT(LayerNormBackward)
(int rows, int n, const float *dy, const float *normed, const float *scale, const float *gain, float *dx, float *dgain,
 float *dbias) {
  for (int i = 0; i < n; i++) dgain[i] = dbias[i] = 0;
  for (; rows > 0; rows--, dy += n, normed += n, scale++, dx += n) {
    vector sum = all(0), along = all(0);
    EACH_VECTOR(n) {
      vector d = LOAD(dy);
      vector z = LOAD(normed);
      vector g = d * LOAD(gain);
      sum += g;
      along = multiply_add(g, z, along);
      STORE(dbias, LOAD(dbias) + d);
      STORE(dgain, multiply_add(d, z, LOAD(dgain)));
    }
    vector mean = all(sum_of(sum) / n), s = all(*scale);
    along = all(sum_of(along) / n);
    EACH_VECTOR(n) STORE(dx, (LOAD(dy) * LOAD(gain) - mean - LOAD(normed) * along) * s);
  }
}
