/** Errors cross the border to the page with their code, their sentence and their facts; the contract lists every code. */
import { ORPCError, ValidationError } from '@orpc/server';
import { refusalStatus } from '#shared/contract.ts';
import { AppError } from '#shared/errors.ts';
import { os } from './implementer.ts';

/** Goes around every method: what it throws, at once or in a stream, becomes an error that the contract defines. */
export const refusals = os.middleware(async ({ next }) => {
  try {
    const result = await next();
    return isStream(result.output) ? { ...result, output: refusingStream(result.output) } : result;
  } catch (error) {
    throw toCallError(error);
  }
});

function isStream(output: unknown): output is AsyncIterable<unknown> {
  return typeof output === 'object' && output !== null && Symbol.asyncIterator in output;
}

async function* refusingStream(stream: AsyncIterable<unknown>): AsyncGenerator<unknown> {
  try {
    yield* stream;
  } catch (error) {
    throw toCallError(error);
  }
}

function toCallError(error: unknown): ORPCError<string, unknown> {
  const known = error instanceof ORPCError ? fromCall(error) : AppError.from(error);
  return new ORPCError(known.code, {
    message: known.message,
    data: known.details,
    status: refusalStatus,
    cause: error,
  });
}

/** A call that does not fit the contract names each value that is wrong. */
function fromCall(error: ORPCError<string, unknown>): AppError {
  if (!(error.cause instanceof ValidationError) || error.code !== 'BAD_REQUEST')
    return AppError.from(error.cause ?? error);
  const wrong = error.cause.issues.map(({ path, message }) => {
    const name = (path ?? []).map((part) => String(typeof part === 'object' ? part.key : part)).join('.');
    return name ? `${name}: ${message}` : message;
  });
  return new AppError(
    'invalid-input',
    `A value is not as it should be. ${wrong.join('; ')}. Change it and try again.`,
    {
      cause: error,
      details: { wrong },
    },
  );
}
