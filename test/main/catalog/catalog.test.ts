import { spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { suggestChannelMap } from '#shared/eeg/channel-map.ts';
import { openCatalog } from '#main/catalog/catalog.ts';
import type { ImportedRecording } from '#shared/eeg/imported.ts';

const newStudy = () => mkdtempSync(join(tmpdir(), 'limbeck-catalog-'));

function recording(id: string, change: Partial<ImportedRecording> = {}): ImportedRecording {
  return {
    id,
    path: `/data/${id}.edf`,
    relativePath: `${id}.edf`,
    dataset: 'ward',
    subject: 'ward/S01',
    sha256: id.repeat(4),
    bytes: 1000,
    modifiedMs: 1,
    header: {
      format: 'EDF+C',
      bytes: 1000,
      startedAt: '2020-01-02T03:04:05',
      durationS: 60,
      spans: [
        { startS: 0, endS: 20 },
        { startS: 30, endS: 60 },
      ],
      channels: [
        {
          label: 'Fp1',
          kind: 'eeg',
          unit: 'uV',
          toMicrovolt: 1,
          sfreqHz: 256,
          samples: 15360,
          prefilter: 'HP:0.1Hz',
          transducer: '',
          physicalMin: -100,
          physicalMax: 100,
          digitalMin: -2048,
          digitalMax: 2047,
        },
        {
          label: 'bad one',
          kind: 'unknown',
          unit: '',
          toMicrovolt: 1,
          sfreqHz: 1,
          samples: 60,
          prefilter: '',
          transducer: '',
          physicalMin: NaN,
          physicalMax: 0,
          digitalMin: 0,
          digitalMax: 0,
          disabled: 'no range',
        },
      ],
      patient: 'X',
      recordingInfo: 'X',
    },
    refusal: null,
    reference: 'linked ears',
    annotations: [{ onsetS: 1, durationS: 0, text: 'eyes closed' }],
    findings: [
      { code: 'gap', severity: 'warning', where: '20 s', effect: 'no segment crosses it', remedy: 'nothing' },
    ],
    labels: [],
    labelSource: 'annotation',
    ...change,
  };
}

describe('the catalog', () => {
  it('gives back a recording as it was put, and is unchanged by putting it again', () => {
    const catalog = openCatalog(newStudy());
    const given = recording('a');
    catalog.recordings.put(given);
    catalog.recordings.put(given);
    expect(catalog.recordings.list()).toHaveLength(1);
    expect(catalog.recordings.get('a')).toMatchObject({
      subject: 'ward/S01',
      durationS: 60,
      prefilter: 'HP:0.1Hz',
      duplicateOf: null,
    });
    expect(catalog.recordings.spans('a')).toEqual(given.header!.spans);
    expect(catalog.recordings.annotations('a')).toEqual(given.annotations);
    expect(catalog.recordings.findings('a')).toEqual(given.findings);
    const [first, second] = catalog.recordings.channels('a');
    expect(first).toEqual(given.header!.channels[0]);
    expect(second).toMatchObject({ disabled: 'no range', physicalMin: 0 });
    catalog.close();
  });

  it('counts for a list what the single recordings say, without those nothing is known of', () => {
    const catalog = openCatalog(newStudy());
    for (const id of ['a', 'b', 'c']) catalog.recordings.put(recording(id));
    catalog.recordings.put(recording('d', { header: null, refusal: 'cut', findings: [], annotations: [] }));
    catalog.labels.set('a', 'annotation', [{ startS: 0, endS: 10, label: 'T0' }]);
    catalog.labels.set('a', 'events', [
      { startS: 0, endS: 10, label: 'rest' },
      { startS: 10, endS: 20, label: 'rest' },
    ]);
    for (const id of ['a', 'b', 'c']) {
      const channels = catalog.recordings.channels(id);
      catalog.recordings.setMap(id, 1, suggestChannelMap(channels));
      const map = catalog.recordings.map(id);
      const facts = catalog.recordings.facts().get(id)!;
      expect(catalog.recordings.factsOf(id)).toEqual(facts);
      const signals = channels.filter(({ kind }) => kind !== 'annotations');
      expect(facts).toMatchObject({
        signals: signals.length,
        sfreqHz: [...new Set(signals.map(({ sfreqHz }) => sfreqHz))].sort((x, y) => y - x),
        mapped: map.filter(({ electrode, bipolar }) => electrode !== null || bipolar !== null).length,
        questions: map.filter(({ confidence }) => confidence === 'ask').length,
        spans: catalog.recordings.spans(id).length,
        findings: catalog.recordings.findings(id),
      });
    }
    expect(catalog.recordings.factsOf('a')!.labels).toEqual({ rest: 2 });
    expect(catalog.recordings.factsOf('b')!.labels).toEqual({});
    expect(catalog.recordings.facts().has('d')).toBe(false);
    catalog.close();
  });

  it('calls the later of two files with the same content a copy', () => {
    const catalog = openCatalog(newStudy());
    catalog.recordings.put(recording('a'));
    catalog.recordings.put(recording('b', { sha256: 'a'.repeat(4) }));
    expect(catalog.recordings.get('a')!.duplicateOf).toBeNull();
    expect(catalog.recordings.get('b')!.duplicateOf).toBe('a');
    catalog.close();
  });

  it('takes a changed file as the same recording, and its former copies as recordings of their own', () => {
    const catalog = openCatalog(newStudy());
    const same = { sha256: 'a'.repeat(4) };
    catalog.recordings.put(recording('a'));
    for (const id of ['b', 'c']) catalog.recordings.put(recording(id, same));
    catalog.recordings.put(recording('d'));
    catalog.recordings.put(recording('a', { sha256: 'd'.repeat(4), bytes: 99 }));
    const duplicateOf = (id: string) => catalog.recordings.get(id)!.duplicateOf;
    expect(catalog.recordings.get('a')).toMatchObject({ sha256: 'd'.repeat(4), bytes: 99, duplicateOf: 'd' });
    expect(['b', 'c', 'd'].map(duplicateOf)).toEqual([null, 'b', null]);
    catalog.close();
  });

  it('lets a label table outrank the annotations of the file', () => {
    const catalog = openCatalog(newStudy());
    catalog.recordings.put(recording('a'));
    catalog.labels.set('a', 'annotation', [{ startS: 0, endS: 10, label: 'T0' }]);
    expect(catalog.labels.of('a').map(({ label }) => label)).toEqual(['T0']);
    catalog.labels.set('a', 'table', [{ startS: 0, endS: null, label: 'rest', trial: '1' }]);
    expect(catalog.labels.of('a')).toEqual([
      { recording: 'a', startS: 0, endS: null, label: 'rest', subject: 'ward/S01', session: '', trial: '1' },
    ]);
    catalog.close();
  });

  it('shows which row of the audit trail was changed after it was written', () => {
    const dir = newStudy();
    const catalog = openCatalog(dir);
    for (const what of ['one', 'two', 'three']) catalog.audit.append(what, { n: 1 }, '2026-01-01T00:00:00Z');
    expect(catalog.audit.firstBroken()).toBeNull();
    catalog.close();
    const database = new Database(join(dir, 'study.sqlite'));
    database.prepare('UPDATE audit SET facts = \'{"n":2}\' WHERE position = 2').run();
    database.close();
    const again = openCatalog(dir);
    expect(again.audit.firstBroken()).toBe(2);
    again.close();
  });

  it('undoes everything when one row of a transaction is refused', () => {
    const catalog = openCatalog(newStudy());
    catalog.recordings.put(recording('a'));
    expect(() =>
      catalog.transaction(() => {
        catalog.labels.set('a', 'table', [{ startS: 0, endS: 1, label: 'x' }]);
        catalog.labels.set('nobody', 'table', [{ startS: 0, endS: 1, label: 'x' }]);
      }),
    ).toThrow();
    expect(catalog.labels.all()).toEqual([]);
    catalog.close();
  });

  it('says who holds the study when another process has it open', async () => {
    const dir = newStudy();
    openCatalog(dir).close();
    const script = `import { openCatalog } from '${fileURLToPath(new URL('../../../src-main/catalog/catalog.ts', import.meta.url))}'; openCatalog(process.argv[1]); console.log('open'); setTimeout(() => {}, 60000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script, dir], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await new Promise((resolve) => child.stdout.once('data', resolve));
    expect(() => openCatalog(dir)).toThrow(new RegExp(`open in another Limbeck \\(process ${child.pid}\\)`));
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('exit', resolve));
    openCatalog(dir).close();
  });

  it('says what is wrong with a file that is no catalog', () => {
    const dir = newStudy();
    writeFileSync(
      join(dir, 'study.sqlite'),
      'this is not a database, it only has the name of one, and is long enough to be read',
    );
    expect(() => openCatalog(dir)).toThrow(/damaged or is not a Limbeck study/);
  });
});
