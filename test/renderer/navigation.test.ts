import { describe, expect, it } from 'vitest';
import { createApi, takeToken, toRefusal } from '#renderer/client.ts';
import { jobPlace, jobShare, progressDetail, resultPlace } from '#renderer/job-words.ts';
import { baseName, joinPath, proposeStudyPath } from '#renderer/paths.ts';
import { placeOf } from '#renderer/places.ts';
import { defaultPreferences, parsePreferences } from '#renderer/preferences.svelte.ts';
import { matchRoute, withQuery } from '#renderer/router.svelte.ts';

describe('routes', () => {
  it('match part by part and give back decoded ids', () => {
    expect(matchRoute('/recordings/:id', '/recordings/a%2Fb')).toEqual({ id: 'a/b' });
    expect(matchRoute('/recordings/:id', '/recordings')).toBeNull();
    expect(matchRoute('/', '/')).toEqual({});
    expect(matchRoute('/runs/compare', '/runs/R-14')).toBeNull();
  });

  it('leave empty values out of the query', () => {
    expect(withQuery('/recordings', { group: 'W', q: '', state: null })).toBe('/recordings?group=W');
    expect(withQuery('/recordings', {})).toBe('/recordings');
  });

  it('belong to one place of the rail each', () => {
    expect(placeOf('/distil/D-07')).toBe('distil');
    expect(placeOf('/')).toBe('');
    expect(placeOf('/nowhere')).toBe('');
  });
});

describe('the token', () => {
  it('is kept for the tab and taken out of the address', () => {
    const stored = new Map<string, string>();
    const storage = {
      getItem: (key: string) => stored.get(key) ?? null,
      setItem: (key: string, value: string) => void stored.set(key, value),
    };
    let shown = '';
    const history = {
      state: null,
      replaceState: (_: unknown, __: string, url?: string | URL | null) => void (shown = String(url)),
    };
    const at = { href: 'http://127.0.0.1:4000/runs?token=abc&ids=1' };
    expect(takeToken(at, storage, history)).toBe('abc');
    expect(shown).toBe('/runs?ids=1');
    expect(takeToken({ href: 'http://127.0.0.1:4000/' }, storage, history)).toBe('abc');
  });

  it('goes with every call and nowhere else', async () => {
    const seen: { url: string; authorization: string | null }[] = [];
    const send: typeof fetch = (input) => {
      const request = new Request(input);
      seen.push({ url: request.url, authorization: request.headers.get('authorization') });
      return Promise.reject(new TypeError('Failed to fetch'));
    };
    const api = createApi('http://127.0.0.1:4000', 'abc', send);
    const refusal = await api.system.get().then(
      () => null,
      (error: unknown) => toRefusal(error),
    );
    expect(refusal?.code).toBe('unreachable');
    expect(refusal?.message).toContain('start Limbeck again');
    expect(seen).toEqual([{ url: 'http://127.0.0.1:4000/api/system/get', authorization: 'Bearer abc' }]);
  });
});

describe('paths', () => {
  it('are read with either slant', () => {
    expect(baseName('/data/ward/')).toBe('ward');
    expect(baseName('C:\\data\\ward')).toBe('ward');
    expect(joinPath('C:\\Users\\a', 'Limbeck')).toBe('C:\\Users\\a\\Limbeck');
  });

  it('of a proposed study never lie among the recordings', () => {
    expect(proposeStudyPath('/home/a', '/data/ward')).toBe('/home/a/Limbeck/ward');
  });
});

describe('preferences', () => {
  it('fall back one by one when what was stored is damaged', () => {
    expect(parsePreferences(null)).toEqual(defaultPreferences);
    expect(parsePreferences('{oops')).toEqual(defaultPreferences);
    expect(parsePreferences('{"theme":"dark","density":3,"pxPerMm":5}')).toEqual({
      ...defaultPreferences,
      theme: 'dark',
      pxPerMm: 5,
    });
    expect(parsePreferences('{"pxPerMm":0,"calibrated":true}').calibrated).toBe(false);
  });
});

describe('words for jobs', () => {
  const job = {
    id: 'R-14',
    kind: 'pretrain' as const,
    phases: ['Read', 'Learn', 'Test', 'Save'],
    phase: 1,
    progress: { done: 5, total: 10, unit: 'steps' },
    status: 'running' as const,
    artifact: 'M-1',
  };

  it('share the whole evenly among the phases', () => {
    expect(jobShare(job)).toBeCloseTo(0.375);
    expect(jobShare({ ...job, phases: [] })).toBe(0.5);
    expect(jobShare({ ...job, phase: 9 })).toBe(1);
  });

  it('say where it is shown and where its result is', () => {
    expect(jobPlace(job)).toBe('/pretrain/R-14');
    expect(resultPlace(job)).toBe('/pretrain/M-1');
    expect(resultPlace({ kind: 'import', artifact: null })).toBe('/recordings');
    expect(resultPlace({ kind: 'prepare', artifact: 'S-1' })).toBeNull();
  });

  it('tell progress in its own unit', () => {
    expect(progressDetail({ done: 1204, total: 3000, unit: 'steps' })).toBe('1,204 of 3,000 steps');
    expect(progressDetail({ done: 90, total: 3600, unit: 's of EEG' })).toBe('1 min 30 s of 1 h of EEG');
    expect(progressDetail(null)).toBe('');
  });
});
