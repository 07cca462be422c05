/** `serve`: the web host; prints the address with its token and stays until interrupted. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '#shared/errors.ts';
import { createApp } from '#main/app.ts';
import { builtPage } from '#main/here.ts';
import { serveWeb } from '#main/web.ts';
import { numberOf } from './arguments.ts';
import type { Verb } from './verb.ts';

export const serveVerb: Verb = {
  summary: 'Serves the window to a browser on this computer.',
  usage: '[--study DIR] [--port N]',
  options: { port: { type: 'string' } },
  async run({ flags, values, signal }) {
    if (!existsSync(join(builtPage, 'index.html'))) {
      throw new AppError(
        'not-found',
        'The page is not built yet. Run "npm run build" once, then serve again.',
      );
    }
    const app = createApp({ host: 'web' });
    if (flags.study) await app.studies.openAt(flags.study);
    const web = await serveWeb(app, numberOf(values, 'port', 0));
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
