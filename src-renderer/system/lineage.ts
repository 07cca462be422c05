/** Where a result comes from: its inputs level by level, oldest on top. */
import type { LineageView } from '#shared/views.ts';

type Artifact = LineageView['artifacts'][number];

export interface LineageNode {
  artifact: Artifact;
  /** 0 for what rests on recordings alone. */
  level: number;
  row: number;
}

export interface Lineage {
  nodes: LineageNode[];
  edges: { from: string; to: string; role: string }[];
  levels: number;
  rows: number;
  /** Recordings and labels it rests on, counted. */
  outside: number;
}

export function layoutLineage(artifacts: readonly Artifact[]): Lineage {
  const known = new Map(artifacts.map((artifact) => [artifact.id, artifact]));
  const levels = new Map<string, number>();
  const levelOf = (id: string, path: readonly string[]): number => {
    const ready = levels.get(id);
    if (ready !== undefined) return ready;
    const inputs =
      known.get(id)?.inputs.filter((input) => known.has(input.id) && !path.includes(input.id)) ?? [];
    const level =
      inputs.length === 0 ? 0 : 1 + Math.max(...inputs.map((input) => levelOf(input.id, [...path, id])));
    levels.set(id, level);
    return level;
  };
  const next = new Map<number, number>();
  const nodes = artifacts.map((artifact) => {
    const level = levelOf(artifact.id, []);
    const row = next.get(level) ?? 0;
    next.set(level, row + 1);
    return { artifact, level, row };
  });
  return {
    nodes,
    edges: artifacts.flatMap((artifact) =>
      artifact.inputs
        .filter(({ id }) => known.has(id))
        .map(({ id, role }) => ({ from: id, to: artifact.id, role })),
    ),
    levels: Math.max(0, ...nodes.map(({ level }) => level + 1)),
    rows: Math.max(0, ...nodes.map(({ row }) => row + 1)),
    outside: new Set(
      artifacts.flatMap(({ inputs }) => inputs.filter(({ id }) => !known.has(id)).map(({ id }) => id)),
    ).size,
  };
}
