/* Exponential, error function and hyperbolic tangent of four floats at once, to within a few units in the last place. */
#pragma once
#include "vector.h"

/* eˣ: 2ⁿ · eʳ with |r| ≤ ln 2 / 2, the minimax polynomial of Cephes' expf; 0 below −87.34, infinite above 88.72. */
INLINE vector exponential(vector x) {
  vector n = nearest(smallest(largest(x, all(-87.5f)), all(88.8f)) * 1.44269504089f);
  vector r = multiply_add(n, all(-0.693359375f), x);
  r = multiply_add(n, all(2.12194440e-4f), r);
  vector p = all(1.9875691500e-4f);
  p = multiply_add(p, r, all(1.3981999507e-3f));
  p = multiply_add(p, r, all(8.3334519073e-3f));
  p = multiply_add(p, r, all(4.1665795894e-2f));
  p = multiply_add(p, r, all(1.6666665459e-1f));
  p = multiply_add(p, r, all(5.0000001201e-1f));
  p = multiply_add(p, r * r, r) + 1.0f;
  /* 2ⁿ as two factors, since 2¹²⁸ alone is no float. */
  lanes whole = (lanes)wasm_i32x4_trunc_sat_f32x4((v128_t)n), half = whole >> 1;
  vector y = p * (vector)((half + 127) << 23) * (vector)((whole - half + 127) << 23);
  y = choose((lanes)(x < -87.33654f), all(0), y);
  return choose((lanes)(x > 88.72283f), all(__builtin_inff()), y);
}

/* erf x: x · P(x²) / Q(x²), the rational minimax approximation of Eigen; ±1 beyond ±4. */
INLINE vector error_function(vector x) {
  vector c = smallest(largest(x, all(-4)), all(4)), s = c * c;
  vector p = all(-2.72614225801306e-10f);
  p = multiply_add(p, s, all(2.77068142495902e-08f));
  p = multiply_add(p, s, all(-2.10102402082508e-06f));
  p = multiply_add(p, s, all(-5.69250639462346e-05f));
  p = multiply_add(p, s, all(-7.34990630326855e-04f));
  p = multiply_add(p, s, all(-2.95459980854025e-03f));
  p = multiply_add(p, s, all(-1.60960333262415e-02f));
  vector q = all(-1.45660718464996e-05f);
  q = multiply_add(q, s, all(-2.13374055278905e-04f));
  q = multiply_add(q, s, all(-1.68282697438203e-03f));
  q = multiply_add(q, s, all(-7.37332916720468e-03f));
  q = multiply_add(q, s, all(-1.42647390514189e-02f));
  return c * p / q;
}

INLINE vector sigmoid(vector x) { return 1.0f / (1.0f + exponential(-x)); }

/* tanh x = 1 − 2 / (e²ˣ + 1); near 0, where that loses digits, the rational approximation of Cephes' tanhf. */
INLINE vector hyperbolic_tangent(vector x) {
  vector s = x * x;
  vector p = all(-5.70498872745e-3f);
  p = multiply_add(p, s, all(2.06390887954e-2f));
  p = multiply_add(p, s, all(-5.37397155531e-2f));
  p = multiply_add(p, s, all(1.33314422036e-1f));
  p = multiply_add(p, s, all(-3.33332819422e-1f));
  vector small = multiply_add(p * s, x, x);
  vector large = 1.0f - 2.0f / (exponential(2.0f * x) + 1.0f);
  return choose((lanes)(s < 0.390625f), small, large);
}
