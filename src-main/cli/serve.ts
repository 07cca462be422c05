/** `serve`: the web host; prints the address with its token and stays until interrupted. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '#shared/errors.ts';
import { createApp } from '#main/app.ts';
import { builtPage } from '#main/here.ts';
import { serveWeb } from '#main/web.ts';
import { numberOf } from './arguments.ts';
import { UsageError, type Verb } from './verb.ts';

export const serveVerb: Verb = {
  summary: 'Serves the window to a browser on this computer.',
  usage: '[--study DIR] [--port N]',
  options: { port: { type: 'string' } },
  async run({ flags, values, signal }) {
    const port = numberOf(values, 'port', 0);
    if (!Number.isInteger(port) || port < 0 || port > 65_535)
      throw new UsageError(`--port takes a whole number from 0 to 65535, not ${port}; 0 picks a free one.`);
    if (!existsSync(join(builtPage, 'index.html'))) {
      throw new AppError(
        'not-found',
        'The page is not built yet. Run "npm run build" once, then serve again.',
      );
    }
    const app = createApp({ host: 'web' });
    if (flags.study) await app.studies.openAt(flags.study);
    const web = await serveWeb(app, port).catch(async (cause: unknown) => {
      await app.close();
      throw new AppError(
        'conflict',
        `Port ${port} cannot be used (${cause instanceof Error ? cause.message : cause}). Choose another with --port, or leave it out: then a free one is picked.`,
        { cause },
      );
    });
    process.stdout.write(
      flags.json ? `${JSON.stringify({ url: web.url, port: web.port })}\n` : `${web.url}\n`,
    );
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener('abort', () => resolve());
    });
    await web.close();
    await app.close();
    process.exit(0);
  },
};
