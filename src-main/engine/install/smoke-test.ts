/** Proves an installed engine in a process of its own, since a library that does not fit may end it: `smoke-test FOLDER`. */
import { AppError } from '#shared/errors.ts';
import { checkEngine } from './check-engine.ts';

try {
  const checked = await checkEngine(process.argv[2]!);
  process.stdout.write(`${JSON.stringify(checked)}\n`, () => process.exit(0));
} catch (error) {
  process.stderr.write(`${AppError.from(error).message}\n`, () => process.exit(1));
}
