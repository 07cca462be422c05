/* Functions of one value, of two with broadcasting, and the gradients that go value by value. */
#include "exponential.h"

/* name(n, x, out): out[i] = expression of vector `x`. */
#define OF_ONE(name, expression)                          \
  EXPORT(name)(int n, const float *from, float *to) {     \
    for (; n >= 4; n -= 4, from += 4, to += 4) {          \
      vector x = load(from);                              \
      store(to, expression);                              \
    }                                                     \
    if (n > 0) {                                          \
      vector x = load_first(from, n);                     \
      store_first(to, expression, n);                     \
    }                                                     \
  }

OF_ONE(Exp, exponential(x))
OF_ONE(Erf, error_function(x))
OF_ONE(Tanh, hyperbolic_tangent(x))
OF_ONE(Sigmoid, sigmoid(x))
OF_ONE(Square, x *x)
OF_ONE(Sqrt, root(x))
OF_ONE(Rsqrt, 1.0f / root(x))
OF_ONE(Relu, largest(x, all(0)))
OF_ONE(Neg, -x)
OF_ONE(Elu, choose((lanes)(x < 0), exponential(x) - 1.0f, x))

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

/* out[i] = x[i] > 0 ? 1 : x[i] ≤ 0 ? alpha · x[i] : NaN, as tfjs's step with its slope left of zero as a constant. */
EXPORT(Step)(int n, const float *from, float alpha, float *to) {
  for (int i = 0; i < n; i++) to[i] = from[i] > 0 ? 1 : from[i] <= 0 ? alpha : from[i];
}

/* y = x · Φ(x), and Φ(x) itself for the gradient. */
EXPORT(GeluForward)(int n, const float *x, float *y, float *phi) {
  for (int i = 0; i < n; i += 4) {
    vector a = load_up_to(x + i, n - i);
    vector p = (error_function(a * 0.707106781187f) + 1.0f) * 0.5f;
    store_up_to(phi + i, p, n - i);
    store_up_to(y + i, a * p, n - i);
  }
}

INLINE vector gelu_slope(vector x, vector phi) {
  return multiply_add(x * 0.398942280401f, exponential(x * x * -0.5f), phi);
}

EXPORT(GeluBackward)(int n, const float *dy, const float *x, const float *phi, float *dx) {
  for (int i = 0; i < n; i += 4) {
    int count = n - i;
    vector slope = gelu_slope(load_up_to(x + i, count), load_up_to(phi + i, count));
    store_up_to(dx + i, load_up_to(dy + i, count) * slope, count);
  }
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
