/*
 * Exponential, error function and hyperbolic tangent of four floats at once, to within a few units in the last place.
 *
 * Each has its coefficients in a structure that a kernel makes once before its loop: engines write a constant anew wherever it stands.
 */
#pragma once
#include "vector.h"

/* A constant that stays in a register over a loop. */
INLINE vector kept(float x) {
  __asm__("" : "+r"(x));
  return all(x);
}

typedef struct {
  vector lowest, highest, scale, shift, high, low, c[6], one;
} exponential_constants;

INLINE exponential_constants for_exponential(void) {
  return (exponential_constants){
      kept(-87.3f),
      kept(88.8f),
      kept(1.44269504089f),
      kept(12582912.0f),
      kept(-0.693359375f),
      kept(2.12194440e-4f),
      {kept(1.9875691500e-4f), kept(1.3981999507e-3f), kept(8.3334519073e-3f), kept(4.1665795894e-2f),
       kept(1.6666665459e-1f), kept(5.0000001201e-1f)},
      kept(1),
  };
}

/* eˣ = 2ⁿ · eʳ, |r| ≤ ln 2 / 2, with the minimax polynomial of Cephes' expf; 0 below −87, infinite above 88.72. */
INLINE vector exponential(exponential_constants k, vector x) {
  vector c = smaller_or(larger_or(x, k.lowest), k.highest);
  /* Adding 1.5 · 2²³ rounds to a whole number, which then stands in the last bits. */
  vector shifted = multiply_add(c, k.scale, k.shift), n = shifted - k.shift;
  vector r = multiply_add(n, k.low, multiply_add(n, k.high, c));
  vector p = k.c[0];
  UNROLL for (int i = 1; i < 6; i++) p = multiply_add(p, r, k.c[i]);
  p = multiply_add(p, r * r, r) + k.one;
  /* 2ⁿ⁻¹, doubled afterwards: 2¹²⁸ is no float. */
  vector half = (vector)(((lanes)shifted + all_lanes(126)) << 23), y = p * half;
  return y + y;
}

typedef struct {
  vector limit, p[7], q[5];
} error_constants;

INLINE error_constants for_error_function(void) {
  return (error_constants){
      kept(4),
      {kept(-2.72614225801306e-10f), kept(2.77068142495902e-08f), kept(-2.10102402082508e-06f),
       kept(-5.69250639462346e-05f), kept(-7.34990630326855e-04f), kept(-2.95459980854025e-03f),
       kept(-1.60960333262415e-02f)},
      {kept(-1.45660718464996e-05f), kept(-2.13374055278905e-04f), kept(-1.68282697438203e-03f),
       kept(-7.37332916720468e-03f), kept(-1.42647390514189e-02f)},
  };
}

/* erf x = x · P(x²) / Q(x²), the rational minimax approximation of Eigen; ±1 beyond ±4. */
INLINE vector error_function(error_constants k, vector x) {
  vector c = smaller_or(larger_or(x, -k.limit), k.limit), s = c * c, p = k.p[0], q = k.q[0];
  UNROLL for (int i = 1; i < 7; i++) p = multiply_add(p, s, k.p[i]);
  UNROLL for (int i = 1; i < 5; i++) q = multiply_add(q, s, k.q[i]);
  return c * p / q;
}

INLINE vector sigmoid(exponential_constants k, vector x) { return k.one / (k.one + exponential(k, -x)); }

/* tanh x = 1 − 2 / (e²ˣ + 1); near 0, where that loses digits, the approximation of Cephes' tanhf. */
INLINE vector hyperbolic_tangent(exponential_constants k, vector x) {
  vector s = x * x;
  vector p = all(-5.70498872745e-3f);
  p = multiply_add(p, s, all(2.06390887954e-2f));
  p = multiply_add(p, s, all(-5.37397155531e-2f));
  p = multiply_add(p, s, all(1.33314422036e-1f));
  p = multiply_add(p, s, all(-3.33332819422e-1f));
  vector near = multiply_add(p * s, x, x);
  vector far = k.one - 2.0f / (exponential(k, x + x) + k.one);
  return choose((lanes)(s < 0.390625f), near, far);
}
