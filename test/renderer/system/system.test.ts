import { describe, expect, it } from 'vitest';
import { createRandom } from '#shared/random.ts';
import { drawnTraces } from '#renderer/system/banner.ts';
import { layoutLineage } from '#renderer/system/lineage.ts';

describe('the drawn banner', () => {
  it('is the same from the same seed and never flat', () => {
    const a = drawnTraces(5, createRandom('x'));
    const b = drawnTraces(5, createRandom('x'));
    expect(a).toEqual(b);
    for (const { values } of a) expect(Math.max(...values) - Math.min(...values)).toBeGreaterThan(1);
  });
});

describe('lineage', () => {
  const artifact = (id: string, inputs: string[]) => ({
    id,
    kind: 'model' as const,
    hash: 'h',
    createdAt: '',
    engine: '',
    seed: 0,
    seconds: 0,
    inputs: inputs.map((input) => ({ role: 'x', id: input, hash: 'h' })),
  });

  it('puts everything below what it was made from', () => {
    const drawn = layoutLineage([
      artifact('model', ['distillate', 'segments']),
      artifact('distillate', ['segments']),
      artifact('segments', ['rec1', 'rec2']),
    ]);
    const level = Object.fromEntries(drawn.nodes.map(({ artifact: { id }, level: at }) => [id, at]));
    expect(level).toEqual({ segments: 0, distillate: 1, model: 2 });
    expect(drawn.edges).toHaveLength(3);
    expect(drawn.outside).toBe(2);
  });

  it('survives a circle', () => {
    expect(layoutLineage([artifact('a', ['b']), artifact('b', ['a'])]).nodes).toHaveLength(2);
  });
});
