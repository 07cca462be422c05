/** The whole back end behind one fetch: calls under /api, the page everywhere else. */
import { ORPCError, onError } from '@orpc/server';
import { RPCHandler } from '@orpc/server/fetch';
import { forkJob, type StartJob } from './jobs/runner.ts';
import { builtPage } from './here.ts';
import { servePage } from './http.ts';
import { silentLogger, type Logger } from './log.ts';
import { channelMapService } from './services/channel-maps.ts';
import { datasetService } from './services/datasets.ts';
import { probeWith, type RunScript } from './services/engines.ts';
import { exportService } from './services/exports.ts';
import { os } from './services/implementer.ts';
import { jobService } from './services/jobs.ts';
import { modelService } from './services/models.ts';
import { recordingService } from './services/recordings.ts';
import { refusals } from './services/refusals.ts';
import { repairService } from './services/repairs.ts';
import { signalService } from './services/signals.ts';
import { Studies } from './services/study.ts';
import { systemService } from './services/system.ts';
import { SettingsFile } from './settings.ts';

export interface AppOptions {
  host: 'electron' | 'web';
  /** How jobs get their process; a fork of Node unless the host says otherwise. */
  startJob?: StartJob;
  /** How the self-test of the engines gets its process; Node unless the host says otherwise. */
  runScript?: RunScript;
  settings?: SettingsFile;
  log?: Logger;
  /** The built page. */
  pageDir?: string;
  /** Counts requests to anywhere but this application, where the host can see them. */
  outsideRequests?: () => number;
}

export interface App {
  fetch(request: Request): Promise<Response>;
  /** The same services for the command line, without HTTP between. */
  readonly studies: Studies;
  close(): Promise<void>;
}

export function createApp(options: AppOptions): App {
  if (options.runScript) probeWith(options.runScript);
  const log = options.log ?? silentLogger;
  const settings = options.settings ?? new SettingsFile();
  const studies = new Studies(settings, options.startJob ?? forkJob);
  const router = os.use(refusals).router({
    system: systemService({
      studies,
      settings,
      host: options.host,
      outsideRequests: options.outsideRequests ?? (() => 0),
    }),
    recordings: recordingService(studies),
    repairs: repairService(studies),
    signals: signalService(studies),
    channelMaps: channelMapService(studies),
    datasets: datasetService(studies),
    models: modelService(studies),
    exports: exportService(studies),
    jobs: jobService(studies),
  });
  const handler = new RPCHandler(router, {
    clientInterceptors: [
      onError((error) =>
        log.log('warning', error instanceof Error ? error.message : String(error), {
          code: error instanceof ORPCError ? error.code : 'internal',
        }),
      ),
    ],
  });
  const pageDir = options.pageDir ?? builtPage;
  return {
    studies,
    async fetch(request) {
      const { pathname } = new URL(request.url);
      if (!pathname.startsWith('/api/')) return servePage(pageDir, pathname);
      const { matched, response } = await handler.handle(request, { prefix: '/api', context: {} });
      return matched ? whole(response) : new Response('Not found', { status: 404 });
    },
    close: () => studies.close(),
  };
}

/**
 * An answer with binary parts is written piece by piece by the runtime, which throws where nobody can catch it when the page
 * gives the answer up half-way (Node 24.21, undici's extractBody). In one piece nothing is left to write.
 */
async function whole(response: Response): Promise<Response> {
  if (!/^multipart\//.test(response.headers.get('content-type') ?? '')) return response;
  const { status, headers } = response;
  return new Response(await response.arrayBuffer(), { status, headers });
}
