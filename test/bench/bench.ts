/**
 * Runs every measurement, each beside its peer in one run, and writes docs/performance.md: `npm run bench [-- NAME ...]`.
 * A measurement that fails is told with its last words; the others go on.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { version } from '#shared/version.ts';
import { say } from './peer.ts';

interface Measurement {
  name: string;
  title: string;
  script: string;
  words: string[];
}

const all: Measurement[] = [
  { name: 'step', title: 'One training step, one thread, beside PyTorch', script: 'engine-step', words: [] },
  {
    name: 'k-center',
    title: 'k-center, 5 % of N × 64, beside numba and numpy',
    script: 'kcenter',
    words: [],
  },
  { name: 'hbos', title: 'HBOS, N × 64, beside PyOD', script: 'hbos', words: [] },
  { name: 'prepare', title: 'Preparing 10 min × 62 channels, beside SciPy', script: 'prepare', words: [] },
  { name: 'open', title: 'Opening and paging a day of EEG, 1 GiB', script: 'open-page', words: [] },
];

const asked = process.argv.slice(2);
const chosen = all.filter(({ name }) => asked.length === 0 || asked.includes(name));
const sections = chosen.map(({ title, script, words }) => {
  say(`\n${title}`);
  const path = fileURLToPath(new URL(`${script}.ts`, import.meta.url));
  const { stdout, stderr, status } = spawnSync(process.execPath, [path, ...words], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  const told = status === 0 ? stdout.trim() : `failed: ${stderr.trim().split('\n').at(-1)}`;
  say(told);
  return `## ${title}\n\n\`\`\`\n${told}\n\`\`\`\n`;
});

const machine = `${cpus()[0]?.model ?? 'unknown processor'}, ${availableParallelism()} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform} ${process.arch}`;
const head = `# Performance

Made by \`npm run bench\` on ${new Date().toISOString().slice(0, 10)}: ${machine}; Node ${process.version}, Limbeck ${version}; load ${loadavg()[0]!.toFixed(1)} at the end.
Ratios hold within a run; seconds are this machine's.
`;
const target = fileURLToPath(new URL('../../docs/performance.md', import.meta.url));
if (asked.length === 0) writeFileSync(target, `${head}\n${sections.join('\n')}`);
