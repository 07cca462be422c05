import { describe, expect, it } from 'vitest';
import type { FileVerdict } from '#shared/eeg/imported.ts';
import type { JobMessage } from '#shared/job-input.ts';
import type { JobEvent, JobRecord, JobStatus } from '#shared/jobs.ts';
import type { JobView } from '#shared/views.ts';
import { Adding } from '#renderer/recordings/adding.svelte.ts';
import { recognised, soFar, whyWords } from '#renderer/recordings/file-words.ts';

const file = (name: string, change: Partial<FileVerdict> = {}): FileVerdict => ({
  name,
  verdict: 'opened',
  recording: `R${name}`,
  bytes: 1,
  format: 'EDF+C',
  channels: 21,
  durationS: 1200,
  codes: [],
  reason: '',
  ...change,
});
const files = (...names: string[]): JobEvent => ({ type: 'files', files: names.map((name) => file(name)) });
const record = (status: JobStatus, id = 'R-1'): JobRecord =>
  ({ id, kind: 'import', status, progress: null, phases: [], phase: 1 }) as unknown as JobRecord;

function setting(stored: string | null = null) {
  let listener: (message: JobMessage) => void = () => undefined;
  const answer = Promise.withResolvers<JobView>();
  const kept = new Map<string, string>(stored === null ? [] : [['limbeck.adding', stored]]);
  const adding = new Adding(
    {
      get: () => answer.promise,
      listen: (given) => {
        listener = given;
        return () => (listener = () => undefined);
      },
    },
    {
      getItem: (key) => kept.get(key) ?? null,
      setItem: (key, value) => void kept.set(key, value),
      removeItem: (key) => void kept.delete(key),
    },
  );
  return {
    adding,
    kept,
    say: (event?: JobEvent, job = record('running')) => listener({ job, ...(event ? { event } : {}) }),
    answer: (...events: JobEvent[]) =>
      answer.resolve({
        ...record('running'),
        events: events.map((event) => ({ at: '', event })),
        curves: [],
      } as JobView),
  };
}
const names = (adding: Adding) => adding.files.map(({ name }) => name);

describe('the list of an import', () => {
  it('holds every file once, whether told before, while or after it was asked for', async () => {
    const { adding, say, answer } = setting();
    const following = adding.follow('/study', 'R-1');
    say(files('b'));
    say(files('c'));
    answer(files('a'), files('b'));
    await following;
    say(files('d'));
    say(files('x'), record('running', 'R-2'));
    expect(names(adding)).toEqual(['a', 'b', 'c', 'd']);
  });

  it('stays after the end until it is put away, also over a reload', async () => {
    const { adding, say, answer, kept } = setting();
    const following = adding.follow('/study', 'R-1');
    answer(files('a'));
    await following;
    say({ type: 'note', level: 'ok', text: 'Added 1 recording.' }, record('done'));
    expect(adding.job?.status).toBe('done');
    expect(adding.notes.map(({ text }) => text)).toEqual(['Added 1 recording.']);
    expect(names(adding)).toEqual(['a']);

    const again = setting(kept.get('limbeck.adding'));
    again.answer(files('a'));
    again.adding.restore('/study', [record('done')]);
    await Promise.resolve();
    expect(again.adding.shown?.job).toBe('R-1');
    again.adding.restore('/other', [record('done', 'R-1')]);
    expect(again.adding.shown).toBeNull();

    adding.dismiss();
    expect(adding.shown).toBeNull();
    expect(kept.size).toBe(0);
    adding.restore('/study', [record('done')]);
    expect(adding.shown).toBeNull();
  });

  it('shows an import that is under way when nothing else is', () => {
    const { adding } = setting();
    adding.restore('/study', [record('done', 'R-1'), record('running', 'R-2')]);
    expect(adding.shown).toEqual({ study: '/study', job: 'R-2' });
  });

  it('begins anew when an interrupted import goes on', async () => {
    const { adding, say, answer } = setting();
    const following = adding.follow('/study', 'R-1');
    answer(files('a', 'b'));
    await following;
    say(undefined, record('interrupted'));
    say(undefined, record('queued'));
    say(undefined, record('running'));
    say(files('a', 'b', 'c'));
    expect(names(adding)).toEqual(['a', 'b', 'c']);
  });
});

describe('a file of an import in words', () => {
  it('says what it was recognised as and why it came through as it did', () => {
    expect(recognised(file('a'))).toBe('EDF+C, 21 channels, 20 min');
    expect(recognised(file('a', { format: '', channels: 0, durationS: 0 }))).toBe('');
    expect(whyWords(file('a'))).toBe('');
    expect(whyWords(file('a', { verdict: 'refused', reason: 'It is empty.' }))).toBe('It is empty.');
    expect(
      whyWords(file('a', { verdict: 'findings', codes: ['unit-missing', 'gaps'], reason: 'Taken as µV.' })),
    ).toBe('Unit missing and 1 more. Taken as µV.');
  });

  it('counts how they came through', () => {
    const read = [file('a'), file('b'), file('c', { verdict: 'refused' })];
    expect(soFar(read, { progress: { done: 3, total: 9, unit: 'files' } })).toBe(
      'Found 9 files, read 3: 2 opened, 1 refused.',
    );
    expect(soFar(read, null)).toBe('Read 3 files: 2 opened, 1 refused.');
  });
});
