/** The command line begins: code compiled once is kept for the next call and for the processes of jobs, then the verbs are loaded. */
import { enableCompileCache } from 'node:module';
import { dirname } from 'node:path';

const { directory } = enableCompileCache();
// The folder that was given or chosen; below it lies one for each version of Node.
if (directory !== undefined) process.env['NODE_COMPILE_CACHE'] ??= dirname(directory);
const { main } = await import('./cli/main.ts');
const [verb, ...words] = process.argv.slice(2);
process.exitCode = await main(verb, words);
if (process.exitCode !== 0) process.exit();
