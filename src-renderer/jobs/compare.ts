/** What is different between runs: settings flattened to one line each, equal lines left out. */

/** { params: { passes: 5 } } as [['params.passes', '5']]. */
export function flatten(value: unknown, prefix = ''): [string, string][] {
  if (Array.isArray(value))
    return [
      [
        prefix,
        value.length === 0
          ? 'none'
          : value.map((item) => (typeof item === 'object' ? JSON.stringify(item) : String(item))).join(', '),
      ],
    ];
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).flatMap(([key, inner]) => flatten(inner, prefix ? `${prefix}.${key}` : key));
  return [[prefix, value === '' ? 'newest or none' : String(value)]];
}

export interface Difference {
  name: string;
  values: string[];
}

/** Lines in which at least two differ; a missing value is '—'. Names lose the leading 'params.'. */
export function differences(inputs: readonly unknown[]): { differing: Difference[]; equal: number } {
  const maps = inputs.map((input) => new Map(flatten(input)));
  const names = [...new Set(maps.flatMap((map) => [...map.keys()]))];
  const lines = names.map((name) => ({
    name: settingName(name),
    values: maps.map((map) => map.get(name) ?? '—'),
  }));
  const differing = lines.filter(({ values }) => new Set(values).size > 1);
  return { differing, equal: lines.length - differing.length };
}

/** 'params.learningRate' as 'Learning rate'. */
export function settingName(path: string): string {
  const words = path
    .replace(/^params\./, '')
    .replaceAll('.', ', ')
    .replace(/([a-z])([A-Z])/g, (_, a: string, b: string) => `${a} ${b.toLowerCase()}`);
  return words.charAt(0).toUpperCase() + words.slice(1);
}
