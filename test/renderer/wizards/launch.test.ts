import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { JobInput } from '#shared/job-input.ts';

// The page's one client is made where it is imported; outside a page it needs an address.
vi.hoisted(() => {
  const nothing = { getItem: () => null, setItem: () => undefined, replaceState: () => undefined };
  vi.stubGlobal('window', {
    location: new URL('http://127.0.0.1/'),
    sessionStorage: nothing,
    history: nothing,
  });
});
import { Launch } from '#renderer/wizards/launch.svelte.ts';

const input: JobInput = { kind: 'sample', params: { size: 'tiny', seed: 0 } };
type Jobs = ConstructorParameters<typeof Launch>[0];

describe('the way from a form to a job', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('asks what it costs once, after typing has settled', async () => {
    const estimate = vi.fn(() => Promise.resolve({ lowS: 1, highS: 2 }));
    const launch = new Launch({ estimate, start: vi.fn() } as unknown as Jobs);
    launch.ask(input)();
    launch.ask(input);
    await vi.advanceTimersByTimeAsync(300);
    expect(estimate).toHaveBeenCalledTimes(1);
    expect(launch.estimate.value).toEqual({ lowS: 1, highS: 2 });
  });

  it('keeps the reason when it does not start, and starts only once at a time', async () => {
    const start = vi.fn(() => Promise.reject(new Error('no room')));
    const launch = new Launch({ estimate: vi.fn(), start } as unknown as Jobs);
    const both = await Promise.all([launch.start(input), launch.start(input)]);
    expect(both).toEqual([null, null]);
    expect(start).toHaveBeenCalledTimes(1);
    expect(launch.refusal?.message).toContain('no room');
    expect(launch.starting).toBe(false);
  });
});
