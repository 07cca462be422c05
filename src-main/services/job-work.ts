/** How much work a job is, phase by phase as the job names them, in units whose seconds can be compared between runs. */
import type { Manifest } from '#shared/artifacts.ts';
import type { JobInput } from '#shared/job-input.ts';
import type { Catalog } from '#main/catalog/catalog.ts';
import { allLabels } from './job-plans.ts';

export interface PhaseWork {
  name: string;
  /** What is counted, with the method where it matters: 'fit/art-gat', 'compress/demo'. */
  unit: string;
  amount: number;
}

export interface Work {
  phases: PhaseWork[];
  diskBytes: number;
  memoryBytes: number;
}

interface Group {
  segments: number;
  electrodes: number;
  samples: number;
}

type Of<K extends JobInput['kind']> = Extract<JobInput, { kind: K }>;

const start = (name: string): PhaseWork => ({ name, unit: 'start', amount: 1 });
const little = (name: string): PhaseWork => ({ name, unit: 'little', amount: 1 });

/** @param files how many files an import would look at */
export function workOf(catalog: Catalog, input: JobInput, files: number): Work {
  switch (input.kind) {
    case 'sample':
      return sampleWork(input);
    case 'import':
      return {
        phases: [
          little('Look for recordings'),
          { name: 'Read', unit: 'file', amount: files },
          ...(input.labels ? [little('Match labels')] : []),
        ],
        diskBytes: 1e6 + 5e3 * files,
        memoryBytes: 150e6,
      };
    case 'prepare':
      return prepareWork(catalog, input);
    case 'distill':
      return distillWork(groupsOf(catalog, input.segments), input);
    case 'pretrain':
      return pretrainWork(catalog, input);
    case 'finetune':
      return finetuneWork(catalog, input);
    case 'calibrate':
      return calibrateWork(catalog, input);
    case 'export':
      return exportWork(catalog, input);
  }
}

function sampleWork({ params }: Of<'sample'>): Work {
  const values = params.size === 'tiny' ? 1.4e6 : 2.1e7;
  const files = params.size === 'tiny' ? 8 : 17;
  return {
    phases: [
      { name: 'Write recordings', unit: 'made-up value', amount: values },
      little('Look for recordings'),
      { name: 'Read', unit: 'file', amount: files },
      little('Match labels'),
    ],
    diskBytes: values * 2,
    memoryBytes: 200e6,
  };
}

function prepareWork(catalog: Catalog, { datasets }: Of<'prepare'>): Work {
  const values = sum(
    catalog.recordings
      .list()
      .filter((recording) => recording.refusal === null && recording.duplicateOf === null)
      .filter(({ dataset }) => datasets.length === 0 || datasets.includes(dataset))
      .map(({ id }) => sum(catalog.recordings.channels(id).map(({ samples }) => samples))),
  );
  return {
    phases: [{ name: 'Cut segments', unit: 'prepared value', amount: values }, little('Save and read back')],
    diskBytes: values * 4,
    memoryBytes: 300e6,
  };
}

const usualPasses = { demo: 8, balanced: 20, paper: 50 } as const;
const usualLearnFrom = { demo: 5000, balanced: 20_000, paper: Infinity } as const;
/** Values that describe a segment. */
const dimensions = 64;

function distillWork(groups: readonly Group[], { params }: Of<'distill'>): Work {
  const { preset, passes, learnFrom, orderUpTo, compare } = params;
  const segments = sum(groups.map((group) => group.segments));
  const values = valuesOf(groups);
  const learned = Math.min(1, (learnFrom || usualLearnFrom[preset]) / Math.max(1, segments));
  // Each choice looks at every segment once, in its own group; the raw signal is one of the methods compared.
  const looked = groups.map(({ segments: n, electrodes, samples }) => {
    const compared = compare ? 5 * dimensions + electrodes * samples : 0;
    return n * n * orderUpTo * (dimensions + compared);
  });
  return {
    phases: [
      {
        name: 'Learn to describe',
        unit: `compress/${preset}`,
        amount: values * learned * (passes || usualPasses[preset]),
      },
      { name: 'Describe all', unit: `describe/${preset}`, amount: values },
      { name: 'Reject odd, choose in order, compare', unit: 'looked value', amount: sum(looked) },
      little('Save and read back'),
    ],
    diskBytes: segments * dimensions * 8 + 5e6,
    memoryBytes: segments * dimensions * 8 + (compare ? values * 4 : 0) + 400e6,
  };
}

function pretrainWork(catalog: Catalog, { segments, subset, keep, params }: Of<'pretrain'>): Work {
  const groups = groupsOf(catalog, segments);
  const total = sum(groups.map((group) => group.segments));
  const channels = sum(groups.map((group) => group.segments * group.electrodes));
  const share = subset === 'full' ? 1 : keepOf(catalog, subset, keep) || 0.05;
  const count = params.samplesPerPass || channels * share;
  const drawn = Math.min(count * params.passes, params.steps === 0 ? Infinity : params.steps * params.batch);
  return {
    phases: [
      start('Read segments'),
      {
        name: 'Learn',
        unit: `pretrain/${params.recipe}/${params.preset}`,
        amount: drawn * (valuesOf(groups) / Math.max(1, channels)),
      },
      little('Save and read back'),
    ],
    diskBytes: 5e6,
    memoryBytes: total * 16 + 500e6,
  };
}

function finetuneWork(catalog: Catalog, input: Of<'finetune'>): Work {
  const { architecture, passes, folds, encoderRate, baselines, maxSegments } = input.params;
  const values = labelledValues(catalog, input, maxSegments) * passes;
  // Folds end early where nothing is gained any more; the fit on all does not.
  const method = `${architecture}${encoderRate === 0 ? '/frozen' : ''}`;
  return {
    phases: [
      start('Check for leaks'),
      little('Split'),
      { name: 'Fit and test', unit: `folds/${method}`, amount: values * (folds - 1) },
      { name: 'Compare', unit: 'folds/baselines', amount: baselines ? values * (folds - 1) : 0 },
      { name: 'Fit on all', unit: `fit/${method}`, amount: values },
      little('Save and read back'),
    ],
    diskBytes: 5e6,
    memoryBytes: 500e6,
  };
}

function calibrateWork(catalog: Catalog, input: Of<'calibrate'>): Work {
  const { passes, points, draws, minutes, train } = input.params;
  const groups = groupsOf(catalog, input.segments);
  const segments = sum(groups.map((group) => group.segments));
  const seconds = Number(manifestOf(catalog, input.segments)?.summary['hours'] ?? 0) * 3600;
  const perMinute = seconds > 0 ? (60 * valuesOf(groups)) / seconds : 0;
  return {
    phases: [
      start('Check for leaks'),
      {
        name: 'Fit without the subject',
        unit: 'folds/art-gat/frozen',
        amount: labelledValues(catalog, input, 0) * passes,
      },
      {
        name: 'Fit to the subject',
        unit: `calibrate/${train}`,
        amount: Math.min(segments === 0 ? 0 : Infinity, (minutes / 2) * perMinute) * points * draws * passes,
      },
      little('Save and read back'),
    ],
    diskBytes: 5e6,
    memoryBytes: 500e6,
  };
}

function exportWork(catalog: Catalog, { params }: Of<'export'>): Work {
  const distillate = params.what === 'subset' ? (newest(catalog, 'distillate', params.id) ?? null) : null;
  const store = distillate?.inputs.find(({ role }) => role === 'segments')?.id ?? '';
  const share = params.keep || Number(distillate?.params['keep'] ?? 0.05);
  const bytes =
    params.what === 'subset' ? valuesOf(groupsOf(catalog, store)) * share * 4 * params.formats.length : 3e6;
  return {
    phases: ['Write', 'Read back', 'Search for names'].map((name) => ({
      name,
      unit: `${name.toLowerCase()}/${params.what}`,
      amount: bytes,
    })),
    diskBytes: bytes,
    memoryBytes: 300e6,
  };
}

/** Values of all labelled segments: as large a share of the store as the labels cover of its recordings. */
function labelledValues(
  catalog: Catalog,
  { segments, labels, dataset }: Of<'finetune'> | Of<'calibrate'>,
  most: number,
): number {
  const groups = groupsOf(catalog, segments);
  const total = sum(groups.map((group) => group.segments));
  const recordings = catalog.recordings
    .list()
    .filter((recording) => recording.refusal === null && recording.duplicateOf === null);
  const chosen = new Map(
    recordings
      .filter((recording) => dataset === '' || recording.dataset === dataset)
      .map(({ id, durationS }) => [id, durationS]),
  );
  const labelledS = sum(
    allLabels(catalog)
      .filter(
        ({ recording, label }) => chosen.has(recording) && (labels.length === 0 || labels.includes(label)),
      )
      .map(({ recording, startS, endS }) => Math.max(0, (endS ?? chosen.get(recording)!) - startS)),
  );
  const recordedS = sum(recordings.map(({ durationS }) => durationS));
  const share = recordedS > 0 ? Math.min(1, labelledS / recordedS) : 0;
  const capped = most > 0 && total > 0 ? Math.min(share, most / total) : share;
  return valuesOf(groups) * capped;
}

function keepOf(catalog: Catalog, subset: string, keep: number): number {
  if (keep > 0) return keep;
  const id = subset === 'random' ? '' : subset;
  return Number(newest(catalog, 'distillate', id)?.params['keep'] ?? 0);
}

function groupsOf(catalog: Catalog, id: string): Group[] {
  const groups = (manifestOf(catalog, id)?.summary['groups'] ?? []) as {
    segments: number;
    electrodes: readonly string[];
    samples: number;
  }[];
  return groups.map(({ segments, electrodes, samples }) => ({
    segments,
    electrodes: electrodes.length,
    samples,
  }));
}

const manifestOf = (catalog: Catalog, id: string) => newest(catalog, 'segments', id);

function newest(catalog: Catalog, kind: Manifest['kind'], id: string): Manifest | undefined {
  return id === '' ? catalog.artifacts.list(kind)[0] : catalog.artifacts.get(id);
}

function valuesOf(groups: readonly Group[]): number {
  return sum(groups.map(({ segments, electrodes, samples }) => segments * electrodes * samples));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
