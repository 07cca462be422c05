/* The blocked matrix product that the other kernels are built on. */
#pragma once
#include "vector.h"

/*
 * c[m, n] = (onto ? c : bias or 0) + a[m, k] · b[k, n]; k ≥ 1. Steps in floats from a row to the next and from a column to the next, so
 * a transpose is a swap of two of them. `scratch`: see productScratch.
 */
void multiply(int m, int n, int k, const float *a, int a_row, int a_column, const float *b, int b_row, int b_column, float *c,
              int c_row, int onto, const float *bias, float *scratch);
