/*
 * Batch normalisation over the rows of [rows, n], in stripes of up to four vectors of columns, so that whole cache lines are used;
 * `count` is how many columns the last vector of a stripe holds, if it is not 4. Sums go over 64 rows at a time, then over those.
 */
#include "vector.h"

#define EACH_STRIPE(n, call)                                      \
  {                                                               \
    int i = 0;                                                    \
    for (; i + 16 <= n; i += 16) call(4, 4);                      \
    for (; i < n; i += 4) call(1, n - i < 4 ? n - i : 4);         \
  }
#define EACH(v) UNROLL for (int v = 0; v < vectors; v++)

INLINE void normalise_stripe(int vectors, int count, int rows, int n, const float *x, const float *gain, const float *bias,
                             float epsilon, float *y, float *mean, float *variance) {
  vector middle[4], factor[4], offset[4], total[4];
  EACH(v) total[v] = all(0);
  for (int from = 0; from < rows; from += 64) {
    vector sum[4];
    EACH(v) sum[v] = all(0);
    for (int r = from; r < rows && r < from + 64; r++)
      EACH(v) sum[v] += load_up_to(x + r * n + 4 * v, count);
    EACH(v) total[v] += sum[v];
  }
  EACH(v) {
    middle[v] = total[v] / (float)rows;
    total[v] = all(0);
  }
  for (int from = 0; from < rows; from += 64) {
    vector sum[4];
    EACH(v) sum[v] = all(0);
    for (int r = from; r < rows && r < from + 64; r++)
      EACH(v) {
        vector d = load_up_to(x + r * n + 4 * v, count) - middle[v];
        sum[v] = multiply_add(d, d, sum[v]);
      }
    EACH(v) total[v] += sum[v];
  }
  EACH(v) {
    vector spread = total[v] / (float)rows;
    factor[v] = load_up_to(gain + 4 * v, count) / root(spread + epsilon);
    offset[v] = load_up_to(bias + 4 * v, count);
    store_up_to(mean + 4 * v, middle[v], count);
    store_up_to(variance + 4 * v, spread, count);
  }
  for (int r = 0; r < rows; r++)
    EACH(v) {
      vector d = load_up_to(x + r * n + 4 * v, count) - middle[v];
      store_up_to(y + r * n + 4 * v, multiply_add(d, factor[v], offset[v]), count);
    }
}

/* Over all rows: mean[n] and biased variance[n] of the columns, y = (x − mean) · gain / √(variance + epsilon) + bias. */
EXPORT(BatchNormForward)
(int rows, int n, const float *x, const float *gain, const float *bias, float epsilon, float *y, float *mean, float *variance) {
#define CALL(vectors, count) \
  normalise_stripe(vectors, count, rows, n, x + i, gain + i, bias + i, epsilon, y + i, mean + i, variance + i)
  EACH_STRIPE(n, CALL)
#undef CALL
}

INLINE void backward_stripe(int vectors, int count, int rows, int n, const float *dy, const float *x, const float *mean,
                            const float *variance, const float *gain, float epsilon, float *dx, float *dgain, float *dbias) {
  vector middle[4], total[4], along[4], factor[4];
  EACH(v) {
    middle[v] = load_up_to(mean + 4 * v, count);
    total[v] = along[v] = all(0);
  }
  for (int from = 0; from < rows; from += 64) {
    vector sum[4], product[4];
    EACH(v) sum[v] = product[v] = all(0);
    for (int r = from; r < rows && r < from + 64; r++)
      EACH(v) {
        vector d = load_up_to(dy + r * n + 4 * v, count);
        sum[v] += d;
        product[v] = multiply_add(d, load_up_to(x + r * n + 4 * v, count) - middle[v], product[v]);
      }
    EACH(v) {
      total[v] += sum[v];
      along[v] += product[v];
    }
  }
  EACH(v) {
    vector scale = 1.0f / root(load_up_to(variance + 4 * v, count) + epsilon);
    store_up_to(dbias + 4 * v, total[v], count);
    store_up_to(dgain + 4 * v, along[v] * scale, count);
    factor[v] = load_up_to(gain + 4 * v, count) * scale;
    total[v] /= (float)rows;
    along[v] *= scale * scale / (float)rows;
  }
  for (int r = 0; r < rows; r++)
    EACH(v) {
      vector d = load_up_to(dy + r * n + 4 * v, count) - total[v], z = load_up_to(x + r * n + 4 * v, count) - middle[v];
      store_up_to(dx + r * n + 4 * v, factor[v] * (d - z * along[v]), count);
    }
}

/* dgain[n] = Σ dy · normed, dbias[n] = Σ dy, dx = gain · scale · (dy − mean dy − normed · mean(dy · normed)). */
EXPORT(BatchNormBackward)
(int rows, int n, const float *dy, const float *x, const float *mean, const float *variance, const float *gain, float epsilon,
 float *dx, float *dgain, float *dbias) {
#define CALL(vectors, count)                                                                                                 \
  backward_stripe(vectors, count, rows, n, dy + i, x + i, mean + i, variance + i, gain + i, epsilon, dx + i, dgain + i, dbias + i)
  EACH_STRIPE(n, CALL)
#undef CALL
}
