import { describe, expect, it, vi } from 'vitest';
import type { JobMessage } from '#shared/job-input.ts';
import type { JobRecord } from '#shared/jobs.ts';
import type { SystemView } from '#shared/views.ts';
import type { Api } from '#renderer/client.ts';
import { Commands, keyName, searchCommands, worksWhileTyping } from '#renderer/commands.svelte.ts';
import { Live, retryDelay } from '#renderer/live.svelte.ts';
import { Resource } from '#renderer/resource.svelte.ts';
import { UndoStack } from '#renderer/undo.svelte.ts';

const record: JobRecord = {
  id: 'R-1',
  kind: 'import',
  title: 'Add ward',
  status: 'running',
  createdAt: '2026-11-20T12:00:00Z',
  startedAt: '2026-11-20T12:00:00Z',
  endedAt: null,
  input: {},
  command: '',
  phases: ['Read'],
  phase: 0,
  progress: null,
  etaS: null,
  artifact: null,
  engine: '',
  error: null,
  supersededBy: null,
};

function systemWith(study: string | null): SystemView {
  return {
    version: '0',
    host: 'web',
    study:
      study === null
        ? null
        : {
            name: study,
            path: `/${study}`,
            recordings: 0,
            subjects: 0,
            hours: 0,
            questions: 0,
            distillates: 0,
            models: 0,
            runs: 0,
          },
    recent: [],
    engine: null,
    memory: { usedBytes: 0, totalBytes: 1 },
    outsideRequests: 0,
  };
}

describe('a resource', () => {
  it('drops an answer that was overtaken by a newer question', async () => {
    const resource = new Resource<string>();
    const slow = Promise.withResolvers<string>();
    const first = resource.load(() => slow.promise);
    await resource.load(() => Promise.resolve('new'));
    slow.resolve('old');
    expect(await first).toBeNull();
    expect(resource.value).toBe('new');
    expect(resource.busy).toBe(false);
  });

  it('gives up the older call and keeps what is shown when the newer fails', async () => {
    const resource = new Resource<string>();
    await resource.load(() => Promise.resolve('shown'));
    let given: AbortSignal | undefined;
    void resource.load((signal) => {
      given = signal;
      return new Promise(() => undefined);
    });
    await resource.load(() => Promise.reject(new Error('lost')));
    expect(given?.aborted).toBe(true);
    expect(resource.value).toBe('shown');
    expect(resource.refusal?.message).toContain('lost');
  });
});

describe('undo', () => {
  it('walks back and forth, and forgets the way forth after a new change', async () => {
    const stack = new UndoStack();
    const log: string[] = [];
    const change = (name: string) => ({
      name,
      undo: () => void log.push(`-${name}`),
      redo: () => void log.push(`+${name}`),
    });
    stack.push(change('a'));
    stack.push(change('b'));
    await stack.undo();
    await stack.undo();
    expect(await stack.undo()).toBeNull();
    await stack.redo();
    expect(log).toEqual(['-b', '-a', '+a']);
    stack.push(change('c'));
    expect(stack.again).toBeNull();
    expect(stack.next?.name).toBe('c');
  });

  it('keeps a change that could not be taken back', async () => {
    const stack = new UndoStack();
    stack.push({ name: 'a', undo: () => Promise.reject(new Error('no')), redo: () => undefined });
    await expect(stack.undo()).rejects.toThrow('no');
    expect(stack.next?.name).toBe('a');
  });
});

describe('commands', () => {
  const press = (
    key: string,
    held: Partial<Record<'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey', boolean>> = {},
  ) => keyName({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...held });

  it('have one name for a key press on any layout and system', () => {
    expect(press('k', { ctrlKey: true })).toBe('Ctrl+K');
    expect(press('k', { metaKey: true })).toBe('Ctrl+K');
    expect(press('Z', { ctrlKey: true, shiftKey: true })).toBe('Ctrl+Shift+Z');
    expect(press('?', { shiftKey: true })).toBe('?');
    expect(press('/')).toBe('/');
    expect(press(' ')).toBe('Space');
    expect(press('F6', { shiftKey: true })).toBe('Shift+F6');
  });

  it('leave letters and the field’s own undo to text fields', () => {
    expect(worksWhileTyping('T')).toBe(false);
    expect(worksWhileTyping('?')).toBe(false);
    expect(worksWhileTyping('Ctrl+Z')).toBe(false);
    expect(worksWhileTyping('Ctrl+K')).toBe(true);
    expect(worksWhileTyping('F6')).toBe(true);
  });

  it('of a screen go before those of the frame and leave with it', () => {
    const commands = new Commands();
    const frame = { id: 'frame', title: 'Filter', group: 'Everywhere', keys: ['/'], run: () => undefined };
    const screen = { ...frame, id: 'screen', group: 'This screen' };
    commands.offer([frame]);
    const leave = commands.offer([screen]);
    expect(commands.withKey('/')?.id).toBe('screen');
    leave();
    expect(commands.withKey('/')?.id).toBe('frame');
  });

  it('are found by the starts of words, recent ones first, blocked ones not run', () => {
    const run = vi.fn();
    const all = ['Dark theme', 'Add folder', 'Theme as the system', 'Export'].map((title) => ({
      id: title,
      title,
      group: 'Everywhere',
      run,
    }));
    expect(searchCommands(all, 'theme', []).map(({ id }) => id)).toEqual([
      'Dark theme',
      'Theme as the system',
    ]);
    expect(searchCommands(all, 'theme', ['Theme as the system'])[0]?.id).toBe('Theme as the system');
    expect(searchCommands(all, 'fold add', []).map(({ id }) => id)).toEqual(['Add folder']);
    expect(searchCommands(all, '(', [])).toEqual([]);
    new Commands().run({ ...all[0]!, blockedBy: 'Not now.' });
    expect(run).not.toHaveBeenCalled();
  });
});

describe('the live study', () => {
  async function* stream<T>(items: T[], signal?: AbortSignal): AsyncGenerator<T, void, void> {
    yield* items;
    await new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve()));
  }

  /** Only what Live calls; the rest of the contract is not reached. */
  function fakeApi(parts: {
    system?: () => SystemView;
    jobs?: JobRecord[];
    changes?: { topics: string[] }[];
    events?: JobMessage[];
  }) {
    const asked = { list: 0, events: 0 };
    const api = {
      system: {
        get: () => Promise.resolve(parts.system?.() ?? systemWith('a')),
        changes: (_: unknown, options: { signal: AbortSignal }) =>
          Promise.resolve(stream(parts.changes ?? [], options.signal)),
      },
      jobs: {
        list: () => {
          asked.list++;
          return Promise.resolve(parts.jobs ?? []);
        },
        events: (_: unknown, options: { signal: AbortSignal }) => {
          asked.events++;
          return Promise.resolve(stream(parts.events ?? [], options.signal));
        },
      },
    } as unknown as Pick<Api, 'system' | 'jobs'>;
    return { api, asked };
  }

  it('takes in jobs from the stream and tells who listens', () => {
    const live = new Live(fakeApi({}).api);
    const heard: string[] = [];
    const unlisten = live.onJob(({ job }) => heard.push(job.status));
    live.take({ job: record });
    live.take({ job: { ...record, progress: { done: 1, total: 2, unit: 'files' } } });
    expect(live.versions.jobs).toBe(1);
    expect(live.running?.progress?.done).toBe(1);
    live.take({ job: { ...record, status: 'done' } });
    expect(live.running).toBeNull();
    expect(live.versions.jobs).toBe(2);
    unlisten();
    live.take({ job: record });
    expect(heard).toEqual(['running', 'running', 'done']);
  });

  it('asks for no jobs and no stream while no study is open', async () => {
    const { api, asked } = fakeApi({ system: () => systemWith(null) });
    const live = new Live(api);
    const abort = new AbortController();
    live.follow(abort.signal);
    await vi.waitFor(() => expect(live.connected).toBe(true));
    expect(asked).toEqual({ list: 0, events: 0 });
    expect(live.refusal).toBeNull();
    abort.abort();
  });

  it('counts what changed; another study changes everything', async () => {
    const { api } = fakeApi({
      changes: [{ topics: ['marks'] }, { topics: ['study'] }],
      events: [{ job: record }],
    });
    const live = new Live(api);
    const abort = new AbortController();
    live.follow(abort.signal);
    await vi.waitFor(() => expect(live.versions.study).toBe(1));
    await vi.waitFor(() => expect(live.versions.marks).toBe(2));
    expect(live.versions.recordings).toBe(1);
    abort.abort();
  });

  it('waits longer after each failure, five seconds at most', () => {
    expect([0, 1, 2, 3, 9].map(retryDelay)).toEqual([500, 1000, 2000, 4000, 5000]);
  });
});
