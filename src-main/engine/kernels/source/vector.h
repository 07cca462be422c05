/* What every kernel is written in: four floats at once, and how a function is shown to JavaScript. */
#pragma once
#include <wasm_simd128.h>

/* Memory alignment of single floats: rows begin anywhere. */
typedef float vector __attribute__((vector_size(16), aligned(4)));
typedef int lanes __attribute__((vector_size(16), aligned(4)));

#define EXPORT(name) __attribute__((export_name(#name))) void name
#define INLINE static inline __attribute__((always_inline))
#define NOINLINE __attribute__((noinline))
#define UNROLL _Pragma("unroll")

INLINE vector all(float x) { return (vector){x, x, x, x}; }
/* The first or the second two of four. */
#define store_half(at, x, which) wasm_v128_store64_lane((at), (v128_t)(x), which)
INLINE vector load(const float *at) { return *(const vector *)at; }
INLINE void store(float *at, vector x) { *(vector *)at = x; }

/* a · b + c: rounded once in the builds with fused multiply-add, twice in the plain one. */
INLINE vector multiply_add(vector a, vector b, vector c) {
#ifdef __wasm_relaxed_simd__
  return (vector)wasm_f32x4_relaxed_madd((v128_t)a, (v128_t)b, (v128_t)c);
#else
  return a * b + c;
#endif
}

/* As `largest` and `smallest`, in one instruction where those take several: of NaN and a number the first is kept. */
INLINE vector larger_or(vector a, vector b) { return (vector)wasm_f32x4_pmax((v128_t)a, (v128_t)b); }
INLINE vector smaller_or(vector a, vector b) { return (vector)wasm_f32x4_pmin((v128_t)a, (v128_t)b); }
INLINE vector largest(vector a, vector b) { return (vector)wasm_f32x4_max((v128_t)a, (v128_t)b); }
INLINE vector smallest(vector a, vector b) { return (vector)wasm_f32x4_min((v128_t)a, (v128_t)b); }
INLINE vector root(vector x) { return (vector)wasm_f32x4_sqrt((v128_t)x); }
/* Lanes of `a` where the mask is all ones, of `b` where it is zero. */
INLINE vector choose(lanes mask, vector a, vector b) {
  return (vector)wasm_v128_bitselect((v128_t)a, (v128_t)b, (v128_t)mask);
}
INLINE float sum_of(vector x) { return (x[0] + x[1]) + (x[2] + x[3]); }

INLINE lanes all_lanes(int x) { return (lanes){x, x, x, x}; }
INLINE float largest_of(vector x) {
  vector y = largest(x, __builtin_shufflevector(x, x, 2, 3, 0, 1));
  return largest(y, __builtin_shufflevector(y, y, 1, 0, 3, 2))[0];
}
/* Lanes from `count` on are replaced. */
INLINE vector fill_from(int count, vector x, float filler) {
  return count < 4 ? choose((lanes){0, 1, 2, 3} < all_lanes(count), x, all(filler)) : x;
}

/* The first `count` floats, 1 to 3, zeros after them. */
INLINE vector load_first(const float *at, int count) {
  vector x = {at[0], 0, 0, 0};
  if (count > 1) x[1] = at[1];
  if (count > 2) x[2] = at[2];
  return x;
}
INLINE void store_first(float *at, vector x, int count) {
  at[0] = x[0];
  if (count > 1) at[1] = x[1];
  if (count > 2) at[2] = x[2];
}

/* The first `count` of a vector, 4 or fewer. */
INLINE vector load_up_to(const float *at, int count) { return count < 4 ? load_first(at, count) : load(at); }
INLINE void store_up_to(float *at, vector x, int count) {
  if (count < 4) store_first(at, x, count);
  else store(at, x);
}

/* Four rows of four as four columns. */
INLINE void transpose4(vector *x) {
  vector a = __builtin_shufflevector(x[0], x[1], 0, 4, 1, 5), b = __builtin_shufflevector(x[2], x[3], 0, 4, 1, 5);
  vector c = __builtin_shufflevector(x[0], x[1], 2, 6, 3, 7), d = __builtin_shufflevector(x[2], x[3], 2, 6, 3, 7);
  x[0] = __builtin_shufflevector(a, b, 0, 1, 4, 5);
  x[1] = __builtin_shufflevector(a, b, 2, 3, 6, 7);
  x[2] = __builtin_shufflevector(c, d, 0, 1, 4, 5);
  x[3] = __builtin_shufflevector(c, d, 2, 3, 6, 7);
}
