/** Proves an installed engine in a process of its own, since a library that does not fit may end it: `smoke-test FOLDER`. */
import { AppError } from '#shared/errors.ts';
import { checkEngine } from './check-engine.ts';

try {
  const checked = await checkEngine(process.argv[2]!);
  process.stdout.write(`${JSON.stringify(checked)}\n`, () => process.exit(0));
} catch (error) {
  const { message, details } = AppError.from(error);
  process.stderr.write(`${String(details['why'] ?? message)}\n`, () => process.exit(1));
}
