/* What moves windows over one to three axes: convolutions as products of unfolded windows, depthwise ones, the pooling gradient. */
#include "vector.h"

/* Three axes each, of which leading ones may be 1; positions count over batch and output. */
typedef struct {
  int batch, channels, in[3], out[3], size[3], stride[3], dilation[3], before[3];
} window;

/* Where a window begins: its item of the batch, and the first input index per axis, negative in the padding. */
typedef struct {
  int item, from[3];
} corner;

INLINE corner corner_of(const window *w, int position) {
  int o2 = position % w->out[2], rest = position / w->out[2], o1 = rest % w->out[1];
  rest /= w->out[1];
  return (corner){rest / w->out[0],
                  {rest % w->out[0] * w->stride[0] - w->before[0], o1 * w->stride[1] - w->before[1],
                   o2 * w->stride[2] - w->before[2]}};
}

/* Runs `body` for every tap of the window at `position`: `tap` its number, `at` the first channel it meets, -1 in the padding. */
#define EACH_TAP(w, position, ...)                                                                              \
  {                                                                                                             \
    corner c = corner_of(w, position);                                                                          \
    int tap = 0;                                                                                                \
    for (int k0 = 0; k0 < w->size[0]; k0++)                                                                     \
      for (int k1 = 0; k1 < w->size[1]; k1++)                                                                   \
        for (int k2 = 0; k2 < w->size[2]; k2++, tap++) {                                                        \
          int i0 = c.from[0] + k0 * w->dilation[0], i1 = c.from[1] + k1 * w->dilation[1];                       \
          int i2 = c.from[2] + k2 * w->dilation[2];                                                             \
          int inside = i0 >= 0 && i0 < w->in[0] && i1 >= 0 && i1 < w->in[1] && i2 >= 0 && i2 < w->in[2];        \
          int at = inside ? (((c.item * w->in[0] + i0) * w->in[1] + i1) * w->in[2] + i2) * w->channels : -1;    \
          __VA_ARGS__                                                                                              \
        }                                                                                                       \
  }

INLINE int positions_of(const window *w) { return w->batch * w->out[0] * w->out[1] * w->out[2]; }

INLINE void clear(int n, float *to) {
  int i = 0;
  for (; i + 4 <= n; i += 4) store(to + i, all(0));
  for (; i < n; i++) to[i] = 0;
}
INLINE void copy(int n, const float *from, float *to) {
  int i = 0;
  for (; i + 4 <= n; i += 4) store(to + i, load(from + i));
  for (; i < n; i++) to[i] = from[i];
}
INLINE void add(int n, const float *from, float *to) {
  int i = 0;
  for (; i + 4 <= n; i += 4) store(to + i, load(to + i) + load(from + i));
  for (; i < n; i++) to[i] += from[i];
}

/*
 * Runs `body` for the taps along the last axis at once, which lie side by side where nothing is dilated: `taps` of them from `at` on,
 * after `outside_before` and before `outside_after` in the padding.
 */
#define EACH_RUN(w, position, ...)                                                                              \
  {                                                                                                             \
    corner c = corner_of(w, position);                                                                          \
    int size = w->dilation[2] == 1 ? w->size[2] : 1, step = w->dilation[2], runs = w->size[2] / size;            \
    for (int k0 = 0; k0 < w->size[0]; k0++)                                                                     \
      for (int k1 = 0; k1 < w->size[1]; k1++)                                                                   \
        for (int k2 = 0; k2 < runs; k2++) {                                                                     \
          int i0 = c.from[0] + k0 * w->dilation[0], i1 = c.from[1] + k1 * w->dilation[1];                       \
          int i2 = c.from[2] + k2 * step, inside = i0 >= 0 && i0 < w->in[0] && i1 >= 0 && i1 < w->in[1];         \
          int first = i2 < 0 ? 0 : i2, last = i2 + size < w->in[2] ? i2 + size : w->in[2];                      \
          int taps = inside && last > first ? last - first : 0;                                                 \
          int outside_before = taps ? first - i2 : size, outside_after = size - taps - outside_before;          \
          int at = (((c.item * w->in[0] + i0) * w->in[1] + i1) * w->in[2] + first) * w->channels;               \
          __VA_ARGS__                                                                                           \
        }                                                                                                       \
  }

/* rows[count, taps · channels]: the windows at `first` and after, zeros in the padding. */
EXPORT(unfold)(const window *w, const float *x, int first_position, int count, float *rows) {
  int n = w->channels;
  for (int p = first_position; p < first_position + count; p++)
    EACH_RUN(w, p, {
      clear(outside_before * n, rows);
      rows += outside_before * n;
      copy(taps * n, x + at, rows);
      rows += taps * n;
      clear(outside_after * n, rows);
      rows += outside_after * n;
    })
}

/* The other way: dx += every row at where it came from. */
EXPORT(fold)(const window *w, const float *rows, int first_position, int count, float *dx) {
  int n = w->channels;
  for (int p = first_position; p < first_position + count; p++)
    EACH_RUN(w, p, {
      rows += outside_before * n;
      add(taps * n, rows, dx + at);
      rows += (taps + outside_after) * n;
    })
}

/* out[positions, channels · m] += x · filter[taps, channels · m], every channel by its own m filters; out cleared before. */
EXPORT(depthwise)(const window *w, int m, const float *x, const float *filter, float *out) {
  int n = w->channels, width = n * m;
  for (int p = 0, all_positions = positions_of(w); p < all_positions; p++, out += width)
    EACH_TAP(w, p, {
      if (at < 0) continue;
      const float *a = x + at, *f = filter + tap * width;
      int i = 0;
      if (m == 1)
        for (; i + 4 <= n; i += 4) store(out + i, multiply_add(load(a + i), load(f + i), load(out + i)));
      for (; i < n; i++)
        for (int j = 0; j < m; j++) out[i * m + j] += a[i] * f[i * m + j];
    })
}

/* dx += Σ over the m filters of dy · filter; cleared before. */
EXPORT(depthwiseInput)(const window *w, int m, const float *dy, const float *filter, float *dx) {
  int n = w->channels, width = n * m;
  for (int p = 0, all_positions = positions_of(w); p < all_positions; p++, dy += width)
    EACH_TAP(w, p, {
      if (at < 0) continue;
      float *d = dx + at;
      const float *f = filter + tap * width;
      int i = 0;
      if (m == 1)
        for (; i + 4 <= n; i += 4) store(d + i, multiply_add(load(dy + i), load(f + i), load(d + i)));
      for (; i < n; i++)
        for (int j = 0; j < m; j++) d[i] += dy[i * m + j] * f[i * m + j];
    })
}

/* dfilter += x · dy over all positions; cleared before. */
EXPORT(depthwiseFilter)(const window *w, int m, const float *x, const float *dy, float *dfilter) {
  int n = w->channels, width = n * m;
  for (int p = 0, all_positions = positions_of(w); p < all_positions; p++, dy += width)
    EACH_TAP(w, p, {
      if (at < 0) continue;
      const float *a = x + at;
      float *f = dfilter + tap * width;
      int i = 0;
      if (m == 1)
        for (; i + 4 <= n; i += 4) store(f + i, multiply_add(load(a + i), load(dy + i), load(f + i)));
      for (; i < n; i++)
        for (int j = 0; j < m; j++) f[i * m + j] += a[i] * dy[i * m + j];
    })
}

/* dx += dy where the largest value of each window stands, of equals the first; dx cleared before. */
EXPORT(maxPoolGradient)(const window *w, const float *x, const float *dy, float *dx) {
  int n = w->channels;
  for (int p = 0, all_positions = positions_of(w); p < all_positions; p++, dy += n)
    for (int channel = 0; channel < n; channel++) {
      int best = -1;
      EACH_TAP(w, p, {
        (void)tap;
        if (at >= 0 && (best < 0 || x[at + channel] > x[best])) best = at + channel;
      })
      if (best >= 0) dx[best] += dy[channel];
    }
}
