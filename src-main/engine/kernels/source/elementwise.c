/* Functions of one value, of two with broadcasting, and the gradients that go value by value. */
#include "exponential.h"

/* name(n, x, out): out[i] = expression of vector `x`, which may use constants made by `before`; two vectors in a round. */
#define OF_ONE(name, before, expression)                                                    \
  EXPORT(name)(int n, const float *from, float *to) {                                        \
    before;                                                                                 \
    for (; n >= 8; n -= 8, from += 8, to += 8) {                                             \
      vector y[2];                                                                          \
      UNROLL for (int v = 0; v < 2; v++) {                                                   \
        vector x = load(from + 4 * v);                                                      \
        y[v] = expression;                                                                  \
      }                                                                                     \
      store(to, y[0]);                                                                      \
      store(to + 4, y[1]);                                                                  \
    }                                                                                       \
    for (; n > 0; n -= 4, from += 4, to += 4) {                                              \
      vector x = load_up_to(from, n);                                                       \
      store_up_to(to, expression, n);                                                       \
    }                                                                                       \
  }

OF_ONE(Exp, exponential_constants k = for_exponential(), exponential(k, x))
OF_ONE(Erf, error_constants k = for_error_function(), error_function(k, x))
OF_ONE(Tanh, exponential_constants k = for_exponential(), hyperbolic_tangent(k, x))
OF_ONE(Sigmoid, exponential_constants k = for_exponential(), sigmoid(k, x))
OF_ONE(Elu, exponential_constants k = for_exponential(), choose((lanes)(x < 0), exponential(k, x) - k.one, x))
OF_ONE(Square, , x *x)
OF_ONE(Sqrt, , root(x))
OF_ONE(Rsqrt, , 1.0f / root(x))
OF_ONE(Relu, , largest(x, all(0)))
OF_ONE(Neg, , -x)

/*
 * name(outer, middle, inner, a, its steps, b, its steps, out): out[i, j, k] = expression of vectors `a` and `b`, out dense.
 * Steps in floats; that of `inner` is 1 or 0 (the same value for all).
 */
#define OF_TWO(name, expression)                                                                                            \
  INLINE void name##Row(int n, const float *left, int left_step, const float *right, int right_step, float *to) {            \
    vector one_left = all(*left), one_right = all(*right);                                                                   \
    for (; n >= 4; n -= 4, left += 4 * left_step, right += 4 * right_step, to += 4) {                                        \
      vector a = left_step ? load(left) : one_left, b = right_step ? load(right) : one_right;                                \
      store(to, expression);                                                                                                 \
    }                                                                                                                        \
    if (n > 0) {                                                                                                             \
      vector a = left_step ? load_first(left, n) : one_left, b = right_step ? load_first(right, n) : one_right;              \
      store_first(to, expression, n);                                                                                        \
    }                                                                                                                        \
  }                                                                                                                          \
  EXPORT(name)                                                                                                               \
  (int outer, int middle, int inner, const float *a, int a_outer, int a_middle, int a_inner, const float *b, int b_outer,    \
   int b_middle, int b_inner, float *to) {                                                                                   \
    for (; outer > 0; outer--, a += a_outer, b += b_outer) {                                                                 \
      const float *left = a, *right = b;                                                                                     \
      for (int i = 0; i < middle; i++, left += a_middle, right += b_middle, to += inner) {                                   \
        if (a_inner && b_inner) name##Row(inner, left, 1, right, 1, to);                                                     \
        else if (a_inner) name##Row(inner, left, 1, right, 0, to);                                                           \
        else name##Row(inner, left, 0, right, 1, to);                                                                        \
      }                                                                                                                      \
    }                                                                                                                        \
  }

OF_TWO(Add, a + b)
OF_TWO(Sub, a - b)
OF_TWO(Multiply, a *b)
OF_TWO(RealDiv, a / b)
OF_TWO(Maximum, largest(a, b))
OF_TWO(Minimum, smallest(a, b))
OF_TWO(SquaredDifference, (a - b) * (a - b))
/* dy · (y < 0 ? y + 1 : 1), y the result of Elu. */
OF_TWO(EluGrad, a *choose((lanes)(b < 0), b + 1.0f, all(1)))

/* 1 where x > 0, else alpha, tfjs's "slope left of zero"; NaN stays. */
EXPORT(Step)(int n, const float *from, float alpha, float *to) {
  vector left = all(alpha);
  for (; n > 0; n -= 4, from += 4, to += 4) {
    vector x = load_up_to(from, n);
    store_up_to(to, choose((lanes)(x > 0), all(1), choose((lanes)(x <= 0), left, x)), n);
  }
}

/* y = x · Φ(x), and Φ(x) itself for the gradient. */
EXPORT(GeluForward)(int n, const float *x, float *y, float *phi) {
  error_constants k = for_error_function();
  vector half = kept(0.5f), root_half = kept(0.707106781187f);
  for (; n >= 8; n -= 8, x += 8, y += 8, phi += 8) {
    vector a[2], p[2];
    UNROLL for (int v = 0; v < 2; v++) {
      a[v] = load(x + 4 * v);
      p[v] = multiply_add(error_function(k, a[v] * root_half), half, half);
    }
    UNROLL for (int v = 0; v < 2; v++) store(phi + 4 * v, p[v]);
    UNROLL for (int v = 0; v < 2; v++) store(y + 4 * v, a[v] * p[v]);
  }
  for (; n > 0; n -= 4, x += 4, y += 4, phi += 4) {
    vector a = load_up_to(x, n), p = multiply_add(error_function(k, a * root_half), half, half);
    store_up_to(phi, p, n);
    store_up_to(y, a * p, n);
  }
}

/* Φ(x) + x · φ(x). */
INLINE vector gelu_slope(exponential_constants k, vector factor, vector half, vector x, vector phi) {
  return multiply_add(x * factor, exponential(k, x * x * half), phi);
}

EXPORT(GeluBackward)(int n, const float *dy, const float *x, const float *phi, float *dx) {
  exponential_constants k = for_exponential();
  vector factor = kept(0.398942280401f), half = kept(-0.5f);
  for (; n >= 8; n -= 8, dy += 8, x += 8, phi += 8, dx += 8) {
    vector d[2];
    UNROLL for (int v = 0; v < 2; v++)
      d[v] = load(dy + 4 * v) * gelu_slope(k, factor, half, load(x + 4 * v), load(phi + 4 * v));
    UNROLL for (int v = 0; v < 2; v++) store(dx + 4 * v, d[v]);
  }
  for (; n > 0; n -= 4, dy += 4, x += 4, phi += 4, dx += 4)
    store_up_to(dx, load_up_to(dy, n) * gelu_slope(k, factor, half, load_up_to(x, n), load_up_to(phi, n)), n);
}

/*
 * One step of AdamW on n values: `first` and `second` are the moments, `rates` and `decays` multiply the step size and the learning
 * rate value by value; correction = 1 / √(1 − beta2^step), step_size = learning rate / (1 − beta1^step).
 */
EXPORT(AdamFlat)
(int n, const float *value, const float *gradient, const float *first, const float *second, const float *rate,
 const float *decay, float beta1, float beta2, float epsilon, float learning_rate, float step_size, float correction,
 float *new_value, float *new_first, float *new_second) {
  for (int i = 0; i < n; i += 4) {
#define LOAD(at) load_up_to(at + i, n - i)
#define STORE(at, x) store_up_to(at + i, x, n - i)
    vector g = LOAD(gradient), w = LOAD(value);
    vector m = multiply_add(LOAD(first), all(beta1), g * (1 - beta1));
    vector v = multiply_add(LOAD(second), all(beta2), g * g * (1 - beta2));
    vector move = m * (LOAD(rate) * step_size) / multiply_add(root(v), all(correction), all(epsilon));
    STORE(new_value, w - w * (LOAD(decay) * learning_rate) - move);
    STORE(new_first, m);
    STORE(new_second, v);
#undef LOAD
#undef STORE
  }
}
