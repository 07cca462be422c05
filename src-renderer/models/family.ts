/** The family of models: who came from whom, oldest ancestor first, children below their parent. */
import type { ModelView } from '#shared/views.ts';

export interface Kin<Model> {
  model: Model;
  depth: number;
  /** Named by a model that is not here any more. */
  orphan: boolean;
}

type Related = Pick<ModelView, 'id' | 'parent' | 'createdAt'>;

/** Newest family first; within one, each child under its parent, oldest first. Cycles, which no run can make, end at the first repeat. */
export function familyTree<Model extends Related>(models: readonly Model[]): Kin<Model>[] {
  const known = new Set(models.map(({ id }) => id));
  const children = Map.groupBy(
    models.filter(({ parent }) => parent !== null && known.has(parent)),
    ({ parent }) => parent ?? '',
  );
  const placed = new Set<string>();
  const visit = (model: Model, depth: number): Kin<Model>[] => {
    if (placed.has(model.id)) return [];
    placed.add(model.id);
    const own = (children.get(model.id) ?? []).toSorted((a, b) => a.createdAt.localeCompare(b.createdAt));
    return [
      { model, depth, orphan: model.parent !== null && !known.has(model.parent) },
      ...own.flatMap((child) => visit(child, depth + 1)),
    ];
  };
  const roots = models.filter(({ parent }) => parent === null || !known.has(parent));
  return roots.toSorted((a, b) => b.createdAt.localeCompare(a.createdAt)).flatMap((root) => visit(root, 0));
}

export const kindWords = {
  pretrained: 'pre-trained',
  classifier: 'fitted',
  calibrated: 'calibrated',
} as const;

export const recipeWords: Record<string, string> = {
  'one-model-for-all': 'One model for all channels',
  'art-gat': 'All-channel network',
  eegnet: 'EEGNet',
  'band-power-lda': 'Band power with LDA',
};

/** Where a model's own screen is. */
export function modelPlace({ id, kind }: Pick<ModelView, 'id' | 'kind'>): string {
  return `${kind === 'pretrained' ? '/pretrain' : '/calibrate'}/${encodeURIComponent(id)}`;
}
