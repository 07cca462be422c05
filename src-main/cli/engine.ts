/** `engine`: what can compute here, tried rather than assumed. */
import { probeEngines } from '#main/services/engines.ts';
import { AppError } from '#shared/errors.ts';
import { UsageError } from './arguments.ts';
import { table } from './terminal.ts';
import type { Verb } from './verb.ts';

export const engineVerb: Verb = {
  summary: 'Lists and tests the engines that can compute here.',
  usage: '[list|test]',
  options: {},
  async run({ rest, flags }) {
    const [what = 'list'] = rest;
    if (what === 'install') {
      throw new AppError(
        'unsupported',
        'Installing the native TensorFlow library is not part of this version; the embedded wasm engine needs nothing.',
      );
    }
    if (!['list', 'test'].includes(what)) throw new UsageError(`engine takes list or test, not ${what}.`);
    const engines = await probeEngines(flags.engine, true);
    const rows = engines.map((engine) => [
      engine.chosen ? '*' : '',
      engine.name,
      engine.works ? 'works' : 'no',
      engine.gflops?.toFixed(1) ?? '',
      engine.works ? engine.device : engine.reason,
    ]);
    return { json: engines, text: table([['', 'engine', '', 'GFLOP/s', ''], ...rows]) };
  },
};
