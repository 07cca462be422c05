/** Writes the sample study as real EDF+ files of three sites, damages two of them, and adds all to the study. */
import { existsSync } from 'node:fs';
import { mkdir, open, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { position } from '#shared/eeg/electrodes.ts';
import type { Annotation } from '#shared/eeg/recording.ts';
import type { SampleParams } from '#shared/params/sample.ts';
import { createRandom, type Random } from '#shared/random.ts';
import { createEdfWriter } from '#main/io/edf/write.ts';
import { createSyntheticSubject } from '#main/signal/synthetic.ts';
import { importRecordings, type ImportSpec } from './import.ts';
import type { JobContext, JobOutput } from './job.ts';
import { planTrials, sampleSites, type SampleSite, type Trial } from './sample-sites.ts';

export interface SampleSpec {
  params: SampleParams;
  /** Where the recordings go. */
  folder: string;
  known: ImportSpec['known'];
}

interface PlannedFile {
  site: SampleSite;
  subject: number;
  path: string;
}

export async function sample(spec: SampleSpec, context: JobContext): Promise<JobOutput> {
  context.report({
    type: 'phases',
    names: ['Write recordings', 'Look for recordings', 'Read', 'Match labels'],
  });
  context.report({ type: 'phase', index: 0 });
  const sites = sampleSites(spec.params.size);
  const files = sites.flatMap((site) =>
    Array.from({ length: site.subjects }, (_, subject): PlannedFile => ({
      site,
      subject,
      path: join(spec.folder, site.name, fileName(site, subject)),
    })),
  );
  const labels: string[] = ['recording,start_s,end_s,label,subject,trial'];
  for (const [done, file] of files.entries()) {
    context.signal.throwIfAborted();
    context.report({ type: 'progress', done, total: files.length, unit: 'recordings' });
    const random = createRandom(spec.params.seed).fork(`${file.site.name}/${file.subject}`);
    const trials = planTrials(file.site, random.fork('trials'));
    if (!existsSync(file.path)) await writeRecording(file, trials, random, context);
    for (const [trial, { startS, endS, label }] of trials.entries()) {
      labels.push(
        [
          `${fileName(file.site, file.subject)}`,
          startS,
          endS,
          label,
          subjectName(file.site, file.subject),
          trial + 1,
        ].join(','),
      );
    }
  }
  const table = join(spec.folder, 'labels.csv');
  await writeFile(table, `${labels.join('\n')}\n`);
  return addToStudy(spec, sites, table, context);
}

/** The same import as for any folder, a data set a site, phases counted on from the first. */
async function addToStudy(
  spec: SampleSpec,
  sites: readonly SampleSite[],
  labels: string,
  context: JobContext,
): Promise<JobOutput> {
  const shifted: JobContext = {
    ...context,
    report: (event) => {
      if (event.type === 'phases') return;
      context.report(event.type === 'phase' ? { ...event, index: event.index + 1 } : event);
    },
    stopRequested: () => context.stopRequested(),
  };
  let known = spec.known;
  const track: JobContext = {
    ...shifted,
    recorded: (recordings) => {
      known = [
        ...known,
        ...recordings.map(({ id, path, relativePath, dataset, bytes, modifiedMs, header }) => ({
          id,
          path,
          relativePath,
          dataset,
          bytes,
          modifiedMs: Math.round(modifiedMs),
          durationS: header?.durationS ?? 0,
        })),
      ];
      context.recorded(recordings);
    },
  };
  let output: JobOutput | undefined;
  for (const [at, site] of sites.entries()) {
    const isLast = at === sites.length - 1;
    output = await importRecordings(
      { paths: [join(spec.folder, site.name)], dataset: site.name, labels: isLast ? labels : '', known },
      track,
    );
  }
  return {
    ...output!,
    result: `The sample study has ${known.length} recordings from ${sites.length} sites.`,
  };
}

/** Seconds written at a time; also the length of a data record of gapped files. */
const recordS = 1;

async function writeRecording(
  { site, subject, path }: PlannedFile,
  trials: readonly Trial[],
  random: Random,
  context: JobContext,
): Promise<void> {
  await mkdir(join(path, '..'), { recursive: true });
  const positions = site.electrodes.map((name) => position(name)!);
  const generator = createSyntheticSubject({
    random: random.fork('signal'),
    positions,
    sfreqHz: site.sfreqHz,
  });
  const gap = site.gapSubject === subject ? { atS: Math.round(site.seconds * 0.4), lengthS: 37 } : null;
  // Given its name only when it is whole and damaged: an interrupted run must not take it for finished before.
  const aside = `${path}.part`;
  await rm(aside, { force: true });
  const writer = await createEdfWriter(aside, {
    format: gap ? 'EDF+D' : 'EDF+C',
    patient: 'X X X X',
    recordingInfo: `Startdate ${String(4 + subject).padStart(2, '0')}-MAR-2024 X X X`,
    startedAt: `2024-03-${String(4 + subject).padStart(2, '0')}T09:30:00`,
    recordS,
    channels: [
      ...site.electrodes.map((name) => ({
        label: site.label(name),
        unit: 'uV',
        sfreqHz: site.sfreqHz,
        physicalMin: -3276.8,
        physicalMax: 3276.7,
        prefilter: 'HP:0.1Hz',
      })),
      { label: 'EKG1', unit: 'uV', sfreqHz: site.sfreqHz, physicalMin: -3276.8, physicalMax: 3276.7 },
    ],
  });
  try {
    const heart = heartBeat(random.fork('heart'), site.sfreqHz);
    for (let atS = 0; atS < site.seconds; atS += recordS) {
      context.signal.throwIfAborted();
      const trial = trials.find(({ startS, endS }) => atS >= startS && atS < endS);
      const values = generator.block(atS, recordS, trial ? { label: trial.label } : {});
      const onsetS = gap && atS >= gap.atS ? atS + gap.lengthS : atS;
      await writer.writeRecord(onsetS, [...values, heart(recordS)], annotationsAt(atS, onsetS, gap));
    }
    await writer.close();
  } catch (error) {
    await writer.discard();
    throw error;
  }
  if (site.damage && site.damage.subject === subject) await damage(aside, site.damage.kind);
  await rename(aside, path);
}

function annotationsAt(atS: number, onsetS: number, gap: { atS: number } | null): Annotation[] {
  return gap && atS === gap.atS ? [{ onsetS, durationS: 0, text: 'Recording resumed' }] : [];
}

/** Makes the file one that other programs refuse: the count of records missing, or the end cut off. */
async function damage(path: string, kind: 'record-count' | 'cut'): Promise<void> {
  const file = await open(path, 'r+');
  try {
    if (kind === 'record-count') await file.write('-1      ', 236, 'latin1');
    else await file.truncate((await file.stat()).size - 1234);
  } finally {
    await file.close();
  }
}

/** A heart at its own pace, some 70 beats a minute, in µV. */
function heartBeat(random: Random, sfreqHz: number): (seconds: number) => Float32Array {
  const interval = 0.8 + 0.15 * random.next();
  let next = interval * random.next();
  let t = 0;
  return (seconds) =>
    Float32Array.from({ length: Math.round(seconds * sfreqHz) }, () => {
      if (t > next + 0.3) next += interval * (0.95 + 0.1 * random.next());
      const since = t - next;
      t += 1 / sfreqHz;
      return (
        900 * Math.exp(-((since / 0.012) ** 2)) +
        150 * Math.exp(-(((since - 0.22) / 0.05) ** 2)) +
        8 * random.normal()
      );
    });
}

function subjectName(site: SampleSite, subject: number): string {
  return `${site.letter}${String(subject + 1).padStart(2, '0')}`;
}

function fileName(site: SampleSite, subject: number): string {
  return `${subjectName(site, subject)}_session1.edf`;
}
