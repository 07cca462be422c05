/** Synthetic latents [n, 64]: 200 unequal clusters with heavy tails, the same numbers as the peers' recipe. */

const dimensions = 64;
const clusters = 200;

function mix(value: number): number {
  let x = value >>> 0;
  x ^= x >>> 16;
  x = Math.imul(x, 0x7feb352d);
  x ^= x >>> 15;
  x = Math.imul(x, 0x846ca68b);
  x ^= x >>> 16;
  return x >>> 0;
}

function uniform(stream: number, index: number): number {
  return (mix(index ^ mix(Math.imul(stream, 0x9e3779b9))) + 0.5) / 4294967296;
}

function normal(stream: number, index: number): number {
  return (
    Math.sqrt(-2 * Math.log(uniform(2 * stream, index))) *
    Math.cos(2 * Math.PI * uniform(2 * stream + 1, index))
  );
}

/** [n, 64] row-major; the first rows are the same whatever n is. */
export function latents(n: number): Float32Array {
  const scale = Float64Array.from({ length: dimensions }, (_, j) => 1 / Math.sqrt(1 + j / 8));
  const centre = Float64Array.from(
    { length: clusters * dimensions },
    (_, at) => 3 * scale[at % dimensions]! * normal(11, at),
  );
  const weights = Float64Array.from({ length: clusters }, (_, c) => (c + 1) ** -0.7);
  const total = weights.reduce((a, b) => a + b);
  let sum = 0;
  const cumulative = weights.map((weight) => (sum += weight) / total);
  const x = new Float32Array(n * dimensions);
  for (let i = 0; i < n; i++) {
    const u = uniform(25, i);
    const found = cumulative.findIndex((c) => c > u);
    const cluster = found < 0 ? clusters - 1 : found;
    const squares = [0, 1, 2].reduce((all, part) => all + normal(13, 3 * i + part) ** 2, 0);
    const width = (0.5 + uniform(24, cluster)) * Math.sqrt(3 / squares);
    for (let j = 0; j < dimensions; j++)
      x[i * dimensions + j] =
        centre[cluster * dimensions + j]! + width * scale[j]! * normal(14, i * dimensions + j);
  }
  return x;
}
