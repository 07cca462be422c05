/** `engine install`: brings the native TensorFlow library here, or into a folder for a computer without network. */
import { archivesFor, sizeOf } from '#main/engine/install/archives.ts';
import { downloadEngine, installEngine } from '#main/engine/install/install-engine.ts';
import { gigabytes } from '#main/engine/install/machine.ts';
import type { JobEvent } from '#shared/jobs.ts';
import { UsageError, type VerbCall, type VerbResult } from './verb.ts';

export const installOptions = {
  gpu: { type: 'boolean' },
  from: { type: 'string' },
  'download-only': { type: 'string' },
  prebuilt: { type: 'string' },
  index: { type: 'string' },
  platform: { type: 'string' },
  force: { type: 'boolean' },
} as const;

export const installUsage =
  'install [--gpu] [--from FOLDER] [--download-only FOLDER [--platform NAME]] [--prebuilt FILE] [--index URL] [--force]';

/** With what will be fetched, so that it is known before. */
export function installSummary(): string {
  const [plain, withGpu] = [false, true].map((gpu) =>
    gigabytes(sizeOf(archivesFor('linux-x64', gpu)).fetched),
  );
  return `installs native TensorFlow (${plain} to fetch, with --gpu ${withGpu})`;
}

export async function runInstall({ flags, values, signal }: VerbCall): Promise<VerbResult> {
  const text = (flag: string) => values[flag] as string | undefined;
  const gpu = values['gpu'] as boolean | undefined;
  const index = text('index');
  const folder = text('download-only');
  if (folder !== undefined && (text('from') ?? text('prebuilt')) !== undefined)
    throw new UsageError('--download-only only fetches; --from and --prebuilt are for installing.');
  if (folder === undefined && text('platform') !== undefined)
    throw new UsageError('--platform is for --download-only; an engine is installed for this computer.');
  const show = flags.quiet ? () => undefined : shower(process.stderr);
  if (folder !== undefined) {
    const files = await downloadEngine({ folder, gpu, index, platform: text('platform') }, show, signal);
    return {
      json: { folder, files },
      text: `${files.length} files in ${folder}. On the other computer: npm run engine:install -- --from FOLDER${gpu ? ' --gpu' : ''}`,
    };
  }
  const force = values['force'] === true;
  const installed = await installEngine(
    { gpu, from: text('from'), prebuilt: text('prebuilt'), index, force },
    show,
    signal,
  );
  return {
    json: installed,
    text: `TensorFlow ${installed.tensorflow}${installed.gpu ? ' for NVIDIA GPUs' : ''} is ready; limbeck engine test compares the engines.`,
  };
}

function shower(stream: NodeJS.WriteStream): (event: JobEvent) => void {
  let names: string[] = [];
  let open = false;
  const line = (text: string) => {
    stream.write(open ? `\r\x1b[K${text}\n` : `${text}\n`);
    open = false;
  };
  return (event) => {
    if (event.type === 'phases') names = event.names;
    else if (event.type === 'phase') line(`${event.index + 1}/${names.length} ${names[event.index]}`);
    else if (event.type === 'note')
      line(`${{ info: ' ', ok: '✓', warning: '!', error: '×' }[event.level]} ${event.text}`);
    else if (event.type === 'progress' && stream.isTTY) {
      stream.write(`\r\x1b[K  ${event.done} of ${event.total} ${event.unit}`);
      open = true;
    }
  };
}
