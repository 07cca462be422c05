import { describe, expect, it } from 'vitest';
import { familyTree, modelPlace } from '#renderer/models/family.ts';

const model = (id: string, parent: string | null, createdAt: string) => ({ id, parent, createdAt });

describe('the family of models', () => {
  it('puts every model once, children below their parent, the newest family first', () => {
    const models = [
      model('M-2', 'P-1', '2026-01-04'),
      model('P-1', null, '2026-01-01'),
      model('P-2', null, '2026-01-05'),
      model('M-1', 'P-1', '2026-01-02'),
      model('C-1', 'M-1', '2026-01-03'),
    ];
    expect(familyTree(models).map(({ model: { id }, depth }) => [id, depth])).toEqual([
      ['P-2', 0],
      ['P-1', 0],
      ['M-1', 1],
      ['C-1', 2],
      ['M-2', 1],
    ]);
  });

  it('keeps a model whose parent is gone, and says so', () => {
    expect(familyTree([model('M-1', 'P-9', '2026-01-01')])).toMatchObject([{ depth: 0, orphan: true }]);
  });

  it('shows pre-trained models and those with labels at their own places', () => {
    expect(modelPlace({ id: 'P-1', kind: 'pretrained' })).toBe('/pretrain/P-1');
    expect(modelPlace({ id: 'M-1', kind: 'calibrated' })).toBe('/calibrate/M-1');
  });
});
