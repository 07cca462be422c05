import { appendFileSync, copyFileSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FileVerdict, ImportedRecording } from '#shared/eeg/imported.ts';
import type { Finding } from '#shared/eeg/recording.ts';
import type { JobEvent } from '#shared/jobs.ts';
import { importRecordings, type ImportSpec } from '#main/jobs/import.ts';
import type { JobContext, JobOutput } from '#main/jobs/job.ts';
import { subjectOf } from '#main/jobs/read-once.ts';
import { makeEdf, patch, temporaryFolder, uvChannel } from '../../make/edf-files.ts';

describe('a BIDS folder', () => {
  const imported: ImportedRecording[] = [];
  const context = {
    signal: new AbortController().signal,
    stopRequested: () => false,
    report: () => undefined,
    recorded: (recordings: ImportedRecording[]) => void imported.push(...recordings),
  } as unknown as JobContext;

  beforeAll(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'limbeck-bids-'));
    const { path: source } = await makeEdf(join(folder, 'made.edf'), {
      channels: [uvChannel('Fp1'), uvChannel('O2')],
    });
    for (const subject of ['01', '02']) {
      const eeg = join(folder, 'bids', `sub-${subject}`, 'eeg');
      mkdirSync(eeg, { recursive: true });
      copyFileSync(source, join(eeg, `sub-${subject}_task-rest_eeg.edf`));
    }
    writeFileSync(
      join(folder, 'bids', 'participants.tsv'),
      'participant_id\tage\tgroup\nsub-01\t30\tpatient\nsub-02\t31\tcontrol\n',
    );
    writeFileSync(
      join(folder, 'bids', 'sub-02', 'eeg', 'sub-02_task-rest_events.tsv'),
      'onset\tduration\ttrial_type\n2\t5\tblink\n90\t5\tlate\n',
    );
    await importRecordings({ paths: [join(folder, 'bids')], dataset: '', labels: '', known: [] }, context);
  });

  const of = (subject: string) => imported.find((recording) => recording.subject === `bids/sub-${subject}`)!;

  it('labels a whole recording with the group of its participant', () => {
    expect(of('01').labelSource).toBe('events');
    expect(of('01').labels).toEqual([{ startS: 0, endS: null, label: 'patient' }]);
  });

  it('prefers the events beside a recording and reports those that cannot be used', () => {
    expect(of('02').labels.map(({ startS, endS, label }) => ({ startS, endS, label }))).toEqual([
      { startS: 2, endS: 7, label: 'blink' },
    ]);
    expect(of('02').findings.map((finding) => finding.code)).toContain('event-unused');
  });
});

describe('the subject a file name speaks of', () => {
  it('is the BIDS subject, else all up to the first number, within its data set', () => {
    expect(subjectOf('sub-07/eeg/sub-07_task-x_eeg.edf', 'a')).toBe('a/sub-07');
    expect(subjectOf('Subject00_1.edf', 'eegmat')).toBe('eegmat/Subject00');
    expect(subjectOf('S001R03.edf', 'mmi')).toBe('mmi/S001');
    expect(subjectOf('deep/signal-37.csv.gz', 'gb')).toBe('gb/signal-37');
    expect(subjectOf('night.edf', 'x')).toBe('x/night');
  });
});

describe('the list of files that an import goes through', () => {
  const events: JobEvent[] = [];
  const known: ImportSpec['known'] = [];
  let refused: Finding | undefined;
  let stopAfter = Infinity;
  const abort = { controller: new AbortController(), after: Infinity };
  const count = () => events.filter((event) => event.type === 'progress').length;
  const context = {
    get signal() {
      return abort.controller.signal;
    },
    stopRequested: () => count() > stopAfter,
    report(event: JobEvent) {
      events.push(event);
      if (count() > abort.after) abort.controller.abort(new Error('given up'));
    },
    recorded: (recordings: ImportedRecording[]) => {
      refused = recordings.find(({ header }) => header === null)?.findings[0];
      known.push(
        ...recordings.map(({ header, modifiedMs, ...recording }) => ({
          ...recording,
          modifiedMs: Math.round(modifiedMs),
          durationS: header?.durationS ?? 0,
        })),
      );
    },
  } as unknown as JobContext;
  const list = (): FileVerdict[] => events.flatMap((event) => (event.type === 'files' ? event.files : []));
  const verdicts = () => Object.fromEntries(list().map(({ name, verdict }) => [name, verdict]));
  const add = (...paths: string[]): Promise<JobOutput> => {
    events.length = 0;
    return importRecordings({ paths, dataset: 'Ward', labels: '', known: [...known] }, context);
  };
  const folder = temporaryFolder();
  const at = (...parts: string[]) => join(folder.path, ...parts);

  beforeAll(async () => {
    mkdirSync(at('ward', 'deep'), { recursive: true });
    const { path } = await makeEdf(at('ward', 'a.edf'));
    copyFileSync(path, at('ward', 'b.edf'));
    patch(path, at('ward', 'c.edf'), 236, '-1      ');
    writeFileSync(at('ward', 'd.edf'), 'no recording');
    symlinkSync(at('nowhere'), at('ward', 'e.edf'));
    writeFileSync(at('ward', 'notes.txt'), '');
    await makeEdf(at('ward', 'deep', 'f.edf'), { annotations: [{ onsetS: 1, durationS: 0, text: 'f' }] });
  });
  afterAll(() => folder[Symbol.dispose]());

  it('names each file, what it is, how it came through and why', async () => {
    const { result, facts } = await add(at('ward'));
    expect(verdicts()).toEqual({
      'a.edf': 'opened',
      'b.edf': 'twice',
      'c.edf': 'findings',
      'd.edf': 'refused',
      'e.edf': 'refused',
      'deep/f.edf': 'opened',
    });
    const of = (name: string) => list().find((file) => file.name === name)!;
    expect(of('a.edf')).toMatchObject({ format: 'EDF+C', channels: 3, durationS: 10, reason: '' });
    expect(of('b.edf').reason).toContain('a.edf');
    expect(of('c.edf').codes).toEqual(['record-count-missing']);
    expect(of('d.edf').reason).toBe(
      'The file is not an EDF or BDF recording; it holds plain text. Choose the original recording.',
    );
    expect(refused).toMatchObject({
      effect: 'The file is not an EDF or BDF recording; it holds plain text. Nothing of it can be used.',
      remedy: 'Choose the original recording.',
    });
    // What cannot even be looked into is told and is no part of the study.
    expect(of('e.edf')).toMatchObject({ recording: '', reason: expect.stringContaining('not there') });
    expect(known.map(({ relativePath }) => relativePath)).not.toContain('e.edf');
    expect(list().every(({ recording, name }) => recording !== '' || name === 'e.edf')).toBe(true);
    expect(result).toBe('Added 4 recordings, 1 has findings, 2 cannot be used.');
    expect(facts['refused']).toHaveLength(2);
    expect(events).toContainEqual({
      type: 'note',
      level: 'info',
      text: 'Passed over 1 file that is no recording: 1 .txt.',
    });
  });

  it('reads nothing twice, and takes a file below two given folders once', async () => {
    const { facts } = await add(at('ward'), at('ward', 'deep'));
    expect(facts['unchanged']).toBe(5);
    expect(Object.values(verdicts()).filter((verdict) => verdict === 'known')).toHaveLength(5);
    expect(verdicts()['e.edf']).toBe('refused');
  });

  it('keeps a recording the same one when its file was changed, and says so', async () => {
    const { id } = known.find(({ relativePath }) => relativePath === 'a.edf')!;
    appendFileSync(at('ward', 'a.edf'), 'x'.repeat(100));
    await add(at('ward'));
    const file = list().find(({ name }) => name === 'a.edf')!;
    expect(file).toMatchObject({ recording: id, verdict: 'findings' });
    expect(file.codes).toContain('content-changed');
  });

  it('asked to stop, keeps what was read and says what was not', async () => {
    known.length = 0;
    stopAfter = 2;
    const { result, facts } = await add(at('ward'));
    stopAfter = Infinity;
    expect(list().map(({ name }) => name)).toEqual(['a.edf', 'b.edf']);
    expect(known).toHaveLength(2);
    expect(facts['notRead']).toBe(4);
    expect(result).toContain('4 files were not read');
    expect(events.findLast((event) => event.type === 'progress')).toMatchObject({ done: 2, total: 6 });
  });

  it('hands over what was read when it is given up', async () => {
    known.length = 0;
    abort.after = 2;
    await expect(add(at('ward'))).rejects.toThrow('given up');
    expect(known).toHaveLength(2);
    expect(list()).toHaveLength(2);
    abort.controller = new AbortController();
    abort.after = Infinity;
  });

  it('says what it looked for and what it found instead', async () => {
    await expect(add(at('ward', 'notes.txt'))).resolves.toMatchObject({ artifacts: [] });
    mkdirSync(at('letters'));
    writeFileSync(at('letters', 'one.txt'), '');
    await expect(add(at('letters'))).rejects.toMatchObject({
      code: 'no-data',
      message: expect.stringMatching(/Looked for \.edf .*found \.txt/),
    });
  });
});
