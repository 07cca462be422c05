/* Multi-head attention on rows as the linear layer before it makes them: q, k and v of all heads side by side, nothing is moved. */
#include "exponential.h"
#include "product.h"

/* Softmax of scale · x + absence over each row, in place. */
static void weigh(int rows, int n, float scale, const float *absence, float *x) {
  exponential_constants k = for_exponential();
  for (; rows > 0; rows--, x += n) {
    vector top = all(-__builtin_inff()), sum = all(0);
    for (int i = 0; i < n; i += 4) {
      vector a = load_up_to(x + i, n - i) * scale;
      if (absence) a += load_up_to(absence + i, n - i);
      store_up_to(x + i, a, n - i);
      top = larger_or(top, fill_from(n - i, a, a[0]));
    }
    top = all(largest_of(top));
    for (int i = 0; i < n; i += 4) {
      vector e = fill_from(n - i, exponential(k, load_up_to(x + i, n - i) - top), 0);
      sum += e;
      store_up_to(x + i, e, n - i);
    }
    vector share = all(1.0f / sum_of(sum));
    for (int i = 0; i < n; i += 4) store_up_to(x + i, load_up_to(x + i, n - i) * share, n - i);
  }
}

/*
 * joined[batch · tokens, heads · width] = softmax(scale · q·kᵀ + absence) · v, weights[batch, heads, tokens, tokens] the softmax.
 *
 * qkv:     [batch · tokens, 3 · heads · width], q before k before v
 * absence: [batch, tokens], added to the scores of every query; 0 for none
 */
EXPORT(AttentionForward)
(int batch, int tokens, int heads, int width, const float *qkv, const float *absence, float scale, float *joined,
 float *weights, float *scratch) {
  int inner = heads * width, row = 3 * inner;
  for (int b = 0; b < batch; b++, qkv += tokens * row, joined += tokens * inner)
    for (int h = 0; h < heads; h++, weights += tokens * tokens) {
      const float *q = qkv + h * width, *k = q + inner, *v = k + inner;
      multiply(tokens, tokens, width, q, row, 1, k, 1, row, weights, tokens, 0, 0, scratch);
      weigh(tokens, tokens, scale, absence ? absence + b * tokens : 0, weights);
      multiply(tokens, width, tokens, weights, tokens, 1, v, row, 1, joined + h * width, inner, 0, 0, scratch);
    }
}

/* dqkv of the shape of qkv; `square`: room for tokens · tokens floats. */
EXPORT(AttentionBackward)
(int batch, int tokens, int heads, int width, const float *dy, const float *qkv, const float *weights, float scale, float *dqkv,
 float *square, float *scratch) {
  int inner = heads * width, row = 3 * inner;
  for (int b = 0; b < batch; b++, qkv += tokens * row, dqkv += tokens * row, dy += tokens * inner)
    for (int h = 0; h < heads; h++, weights += tokens * tokens) {
      const float *q = qkv + h * width, *k = q + inner, *v = k + inner, *d = dy + h * width;
      float *dq = dqkv + h * width, *dk = dq + inner, *dv = dk + inner;
      multiply(tokens, width, tokens, weights, 1, tokens, d, inner, 1, dv, row, 0, 0, scratch);
      multiply(tokens, tokens, width, d, inner, 1, v, 1, row, square, tokens, 0, 0, scratch);
      for (int r = 0; r < tokens; r++) {
        const float *w = weights + r * tokens;
        float *s = square + r * tokens;
        vector sum = all(0);
        for (int i = 0; i < tokens; i += 4)
          sum = multiply_add(load_up_to(w + i, tokens - i), load_up_to(s + i, tokens - i), sum);
        vector along = all(sum_of(sum));
        for (int i = 0; i < tokens; i += 4) {
          vector slope = (load_up_to(s + i, tokens - i) - along) * scale;
          store_up_to(s + i, load_up_to(w + i, tokens - i) * slope, tokens - i);
        }
      }
      multiply(tokens, width, tokens, square, tokens, 1, k, row, 1, dq, row, 0, 0, scratch);
      multiply(tokens, width, tokens, square, 1, tokens, q, row, 1, dk, row, 0, 0, scratch);
    }
}
