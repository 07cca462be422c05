/** The page's one way to the back end: typed calls under /api, and every refusal as words with a remedy. */
import { createORPCClient, ORPCError } from '@orpc/client';
import { RPCLink } from '@orpc/client/fetch';
import type { ContractRouterClient } from '@orpc/contract';
import type { Contract } from '#shared/contract.ts';
import { errorCodes, type ErrorCode } from '#shared/errors.ts';

export type Api = ContractRouterClient<Contract>;

const tokenKey = 'limbeck.token';

/** What went wrong as a panel shows it. */
export interface Refusal {
  code: ErrorCode | 'not-allowed' | 'unreachable';
  /** What, why and what to do, in one or two sentences. */
  message: string;
  /** For *Copy details*: code, facts, when. */
  details: string;
}

export function createApi(origin: string, token: string | null, send: typeof fetch = fetch): Api {
  return createORPCClient(
    new RPCLink({
      url: `${origin}/api`,
      headers: token ? { authorization: `Bearer ${token}` } : {},
      fetch: (request, init) => send(request, init),
    }),
  );
}

/** Reads the token of the printed address once, keeps it for this tab and takes it out of the address bar. */
export function takeToken(
  location: Pick<Location, 'href'>,
  storage: Pick<Storage, 'getItem' | 'setItem'>,
  history: Pick<History, 'replaceState' | 'state'>,
): string | null {
  const url = new URL(location.href);
  const given = url.searchParams.get('token');
  if (given === null) return storage.getItem(tokenKey);
  storage.setItem(tokenKey, given);
  url.searchParams.delete('token');
  history.replaceState(history.state, '', `${url.pathname}${url.search}${url.hash}`);
  return given;
}

export function toRefusal(error: unknown): Refusal {
  const at = new Date().toISOString();
  if (error instanceof ORPCError) {
    const data: unknown = error.data;
    const known = error.defined ? errorCodes.find((code) => code === error.code) : undefined;
    const details = JSON.stringify({ code: error.code, message: error.message, data, at }, null, 2);
    if (known) return { code: known, message: error.message, details };
    return error.status === 403
      ? {
          code: 'not-allowed',
          message:
            'This window is not allowed in: its token is missing or old. Open the address that was printed when Limbeck started.',
          details,
        }
      : { code: 'internal', message: `Limbeck met a fault of its own: ${error.message}`, details };
  }
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const unreachable = error instanceof TypeError && /fetch|network/i.test(error.message);
  return {
    code: unreachable ? 'unreachable' : 'internal',
    message: unreachable
      ? 'Limbeck’s engine room does not answer. It may have been closed; start Limbeck again. What was saved is safe.'
      : `Limbeck met a fault of its own: ${text}`,
    details: JSON.stringify({ error: text, at }, null, 2),
  };
}

/** True for calls that were given up on purpose. */
export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError';
}

/** Outside a page, as in tests of state classes, there is no address to read; nothing is called there. */
export const api: Api =
  typeof window === 'undefined'
    ? createApi('http://127.0.0.1', null)
    : createApi(
        window.location.origin === 'null' ? 'limbeck://app' : window.location.origin,
        takeToken(window.location, window.sessionStorage, window.history),
      );
