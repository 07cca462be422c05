import { copyFileSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ImportedRecording } from '#shared/eeg/imported.ts';
import { importRecordings, subjectOf } from '#main/jobs/import.ts';
import type { JobContext } from '#main/jobs/job.ts';
import { makeEdf, uvChannel } from '../../make/edf-files.ts';

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
