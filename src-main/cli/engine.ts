/** `engine`: what can compute here, tried rather than assumed. */
import { probeEngines } from '#main/services/engines.ts';
import { installOptions, installSummary, installUsage, runInstall } from './engine-install.ts';
import { table } from './terminal.ts';
import { UsageError, type Verb } from './verb.ts';

export const engineVerb: Verb = {
  summary: `Lists and tests the engines that can compute here; ${installSummary()}.`,
  usage: `[list|test|${installUsage}]`,
  takesWords: true,
  options: installOptions,
  async run(call) {
    const { rest, flags } = call;
    const [what = 'list'] = rest;
    if (what === 'install') return runInstall(call);
    if (!['list', 'test'].includes(what))
      throw new UsageError(`engine takes list, test or install, not ${what}.`);
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
