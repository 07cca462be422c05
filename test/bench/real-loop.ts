/**
 * The whole loop on real recordings, where they are at hand: rest against mental arithmetic (six subjects), movement, two headsets.
 * Prints the tables that docs/experiments.md keeps. `node test/bench/real-loop.ts [STUDY] [SEEDS]`
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const data = join(root, '../shared/data');
if (!existsSync(join(data, 'eegmat-mental-arithmetic'))) {
  process.stdout.write('SKIPPED: the real recordings are not beside this checkout.\n');
  process.exit(0);
}
const study = process.argv[2] ?? mkdtempSync(join(tmpdir(), 'limbeck-real-'));
const seeds = Number(process.argv[3] ?? 1);

function limbeck(...words: string[]): Record<string, unknown> {
  const result = spawnSync(
    process.execPath,
    [join(root, 'src-main/cli.ts'), ...words, '--study', study, '--json'],
    { encoding: 'utf8', maxBuffer: 1 << 28 },
  );
  if (result.status !== 0) throw new Error(`limbeck ${words.join(' ')}: ${result.stderr}`);
  return JSON.parse(result.stdout);
}

function say(...cells: (string | number)[]): void {
  process.stdout.write(`| ${cells.join(' | ')} |\n`);
}

const percent = (value: unknown) => (typeof value === 'number' ? `${(100 * value).toFixed(1)} %` : '–');

/** eegmat's labels are in its file names: _1 rest, _2 arithmetic; trials of 20 s, so that a subject has several of each. */
function eegmatLabels(): string {
  const rows = ['recording,start_s,end_s,label,trial'];
  for (const file of readdirSync(join(data, 'eegmat-mental-arithmetic'))
    .filter((name) => name.endsWith('.edf'))
    .sort()) {
    const label = file.endsWith('_1.edf') ? 'rest' : 'arithmetic';
    for (let startS = 0; startS < 60; startS += 20)
      rows.push(`${file},${startS},${startS + 20},${label},${startS / 20 + 1}`);
  }
  const path = join(study, 'eegmat-labels.csv');
  writeFileSync(path, `${rows.join('\n')}\n`);
  return path;
}

limbeck('jobs');
const sets: [string, string[], string[]][] = [
  ['eegmat', [join(data, 'eegmat-mental-arithmetic')], ['--labels', eegmatLabels()]],
  ['eegmmidb', [join(data, 'eegmmidb-s001')], []],
  ['guinea-bissau', [join(data, 'emotiv-guinea-bissau')], []],
  ['insight', [join(data, 'emotiv-insight-baseline')], []],
];
for (const [name, paths, more] of sets) limbeck('import', ...paths, '--dataset', name, ...more);
const map = limbeck('map') as {
  recordings: { dataset: string; mapped: number; auxiliary: number; unknown: number }[];
  coverage: { electrodes: string[] };
};
process.stdout.write('\nChannels\n');
say('data set', 'recordings', 'mapped', 'auxiliary', 'unknown');
for (const [name, own] of Map.groupBy(map.recordings, (row) => row.dataset)) {
  const sum = (key: 'mapped' | 'auxiliary' | 'unknown') => own.reduce((total, row) => total + row[key], 0);
  say(name, own.length, sum('mapped'), sum('auxiliary'), sum('unknown'));
}
process.stdout.write(`${map.coverage.electrodes.length} sites in all\n`);

const prepared = limbeck('prepare', '--max-amplitude-uv', '1000') as {
  segments: number;
  rejected: Record<string, number>;
  groups: { name: string; segments: number }[];
  seconds: number;
};
process.stdout.write(
  `\nPrepared ${prepared.segments} segments in ${prepared.seconds.toFixed(1)} s: ${prepared.groups.map((group) => `${group.name} ${group.segments}`).join(', ')}; rejected ${JSON.stringify(prepared.rejected)}\n`,
);

process.stdout.write('\nDistilled\n');
say('share', 'kept', 'rejected', 'farthest left out', 'by chance', 'PCA', 'raw', 'seconds');
for (const share of ['0.05', '0.1', '0.25']) {
  const made = limbeck('distill', '--keep', share, '--outliers', '0.01') as {
    kept: number;
    outliers: number;
    radius: number;
    methods: { name: string; radius: number }[];
    seconds: Record<string, number>;
  };
  const radius = (name: string) =>
    made.methods.find((method) => method.name === name)?.radius.toFixed(2) ?? '–';
  say(
    share,
    made.kept,
    made.outliers,
    made.radius.toFixed(2),
    radius('random'),
    radius('pca'),
    radius('raw'),
    Object.values(made.seconds)
      .reduce((a, b) => a + b, 0)
      .toFixed(1),
  );
}

interface Tested {
  metrics: Record<string, { value: number; low: number; high: number }>;
  chance: { upTo: number };
  comparison: { name: string; balancedAccuracy: { value: number; low: number; high: number } }[];
}
const distillate = (limbeck('distill', '--keep', '0.25', '--outliers', '0.01') as { id: string }).id;
process.stdout.write('\nRest against arithmetic, balanced accuracy by subject\n');
say('pre-trained on', 'seed', 'segments', 'seconds', 'frozen', '95 %', 'could be luck');
for (let seed = 0; seed < seeds; seed++) {
  for (const [name, words] of [
    ['everything', ['--subset', 'full']],
    ['distilled 25 %', ['--subset', distillate]],
    ['random 25 %', ['--subset', distillate, '--by', `random-${seed % 3}`]],
    ['PCA 25 %', ['--subset', distillate, '--by', 'pca']],
    ['distilled 10 %', ['--subset', distillate, '--keep', '0.1']],
    ['distilled 5 %', ['--subset', distillate, '--keep', '0.05']],
  ] as const) {
    const model = limbeck(
      'pretrain',
      ...words,
      '--passes',
      '8',
      '--samples-per-pass',
      '2048',
      '--seed',
      String(seed),
    ) as { id: string; segments: number; seconds: number };
    const tested = finetune(model.id, 'subject', seed, '--no-baselines');
    row(name, seed, model.segments, model.seconds, tested);
  }
  const scratch = finetune('none', 'subject', seed);
  row('nothing', seed, 0, 0, scratch);
  for (const other of scratch.comparison.slice(1))
    say(
      other.name,
      seed,
      '',
      '',
      percent(other.balancedAccuracy.value),
      `${percent(other.balancedAccuracy.low)} – ${percent(other.balancedAccuracy.high)}`,
      '',
    );
}
process.stdout.write('\nThe same by windows, which leaks\n');
const leaking = finetune('none', 'window', 0);
for (const other of leaking.comparison)
  say(
    other.name,
    percent(other.balancedAccuracy.value),
    `${percent(other.balancedAccuracy.low)} – ${percent(other.balancedAccuracy.high)}`,
  );
process.stdout.write(`${JSON.stringify({ name: 'real-loop', study, segments: prepared.segments })}\n`);

function finetune(model: string, split: string, seed: number, ...more: string[]): Tested {
  return limbeck(
    'finetune',
    '--model',
    model,
    '--dataset',
    'eegmat',
    '--split',
    split,
    '--folds',
    '6',
    '--encoder-rate',
    '0',
    '--passes',
    '60',
    '--patience',
    '15',
    '--seed',
    String(seed),
    ...more,
  ) as unknown as Tested;
}

function row(name: string, seed: number, segments: number, seconds: number, tested: Tested): void {
  const { value, low, high } = tested.metrics['balancedAccuracy']!;
  say(
    name,
    seed,
    segments,
    seconds.toFixed(1),
    percent(value),
    `${percent(low)} – ${percent(high)}`,
    percent(tested.chance.upTo),
  );
}
