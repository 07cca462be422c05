import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createORPCClient, isDefinedError, safe } from '@orpc/client';
import { RPCLink } from '@orpc/client/fetch';
import type { ContractRouterClient } from '@orpc/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Contract } from '#shared/contract.ts';
import type { ErrorCode } from '#shared/errors.ts';
import { createApp, type App } from '#main/app.ts';
import { SettingsFile } from '#main/settings.ts';
import { toRefusal } from '#renderer/client.ts';

let folder: string;
let app: App;
let api: ContractRouterClient<Contract>;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'limbeck-refusals-'));
  app = createApp({ host: 'web', settings: new SettingsFile(join(folder, 'settings')) });
  api = createORPCClient(
    new RPCLink({
      url: 'http://limbeck.test/api',
      fetch: (request, init) => app.fetch(new Request(request, init as RequestInit)),
    }),
  );
});
afterAll(async () => {
  await app.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('a refusal, through the one fetch', () => {
  it('arrives as an error that the contract defines, told apart by its code', async () => {
    const { error } = await safe(api.jobs.list());
    expect(isDefinedError(error)).toBe(true);
    // Only the closed list is left here: a code that is not on it would not compile.
    if (!isDefinedError(error)) throw error ?? new Error('It was answered.');
    const code: ErrorCode = error.code;
    expect(code).toBe('no-data');
    expect(error).toMatchObject({ status: 422, message: expect.stringMatching(/Open one/), data: {} });
    expect(toRefusal(error)).toMatchObject({ code: 'no-data', message: error.message });
  });

  it('names the values that do not fit the contract', async () => {
    const { error } = await safe(
      api.signals.window({ recording: 'R', startS: 0, seconds: -4, montage: 'x'.repeat(99) }),
    );
    expect(isDefinedError(error)).toBe(true);
    expect(error).toMatchObject({ code: 'invalid-input', status: 422 });
    for (const name of ['seconds: ', 'montage: ', 'try again']) expect(error?.message).toContain(name);
  });

  it('comes the same way out of a stream', async () => {
    const stream = await api.jobs.events();
    const { error } = await safe(stream.next());
    expect(isDefinedError(error)).toBe(true);
    expect(error).toMatchObject({ code: 'no-data', status: 422 });
  });

  it('is no refusal of the list when the method itself is not there', async () => {
    const nothing = createORPCClient<{ nothing: { here(): Promise<void> } }>(
      new RPCLink({
        url: 'http://limbeck.test/api',
        fetch: (request, init) => app.fetch(new Request(request, init as RequestInit)),
      }),
    );
    const { error } = await safe(nothing.nothing.here());
    expect(isDefinedError(error)).toBe(false);
    expect(toRefusal(error)).toMatchObject({ code: 'internal', message: expect.stringMatching(/fault/) });
  });
});
