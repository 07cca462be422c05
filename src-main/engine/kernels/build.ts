/**
 * Compiles the kernels in `source` to WebAssembly and writes them to `binaries.ts`: `node src-main/engine/kernels/build.ts`.
 *
 * Needs clang 19 and wasm-ld 19, or CLANG set to another; the binaries are part of the repository, so only who changes a kernel does.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';

/** What each build may use of the processor; see `variant.ts`. */
export const builds = {
  plain: [],
  relaxed: ['-mrelaxed-simd'],
  wide: ['-mrelaxed-simd', '-DTILE_VECTORS=4'],
} as const;
export type Build = keyof typeof builds;

const source = fileURLToPath(new URL('source/', import.meta.url));

/** A kernel has neither stack nor data of its own, since the memory is tfjs's: a stack frame is an error. */
const flags =
  '--target=wasm32 -O2 -fno-unroll-loops -fno-vectorize -fno-slp-vectorize -msimd128 -mno-bulk-memory -ffreestanding -fno-builtin -nostdlib -Wall -Wextra -Werror -Wframe-larger-than=0 -Wl,--no-entry -Wl,--import-memory -Wl,--strip-all -Wl,-z,stack-size=0'.split(
    ' ',
  );

export const compiler = () => process.env['CLANG'] ?? 'clang-19';

/** '' when the compiler is not there. */
export function compilerVersion(): string {
  try {
    const answer = execFileSync(compiler(), ['--version'], { encoding: 'utf8', stdio: 'pipe' });
    return /version (\d+\.\d+\.\d+)/.exec(answer)?.[1] ?? '';
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return '';
    throw error;
  }
}

export function compile(build: Build): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'limbeck-kernels-'));
  try {
    const files = readdirSync(source)
      .filter((name) => name.endsWith('.c'))
      .sort()
      .map((name) => join(source, name));
    const out = join(folder, 'kernels.wasm');
    execFileSync(compiler(), [...flags, ...builds[build], '-o', out, ...files], { stdio: 'inherit' });
    return readFileSync(out);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function write(): void {
  const lines = Object.keys(builds).map(
    (build) => `  ${build}: '${compile(build as Build).toString('base64')}',\n`,
  );
  const head = `/** The kernels as WebAssembly, base64: made by \`build.ts\`, never by hand. */\n\n/** Version of clang. */\nexport const builtWith = '${compilerVersion()}';\n\n// prettier-ignore\nexport const binaries = {\n`;
  writeFileSync(fileURLToPath(new URL('binaries.ts', import.meta.url)), `${head}${lines.join('')}};\n`);
}

if (argv[1] === fileURLToPath(import.meta.url)) write();
