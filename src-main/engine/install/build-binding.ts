/** Compiles the binding between Node and TensorFlow: one compiler call, against headers and empty stand-ins of the libraries. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '#shared/errors.ts';
import { bindingName, libraryNames, type Platform } from './archives.ts';
import { patchSources } from './binding-patch.ts';
import { runProgram } from './child.ts';
import { readTarball } from './tar-members.ts';
import { unzip } from './zip-members.ts';

/** The headers of TensorFlow's C interface inside its wheel. */
const header =
  /^tensorflow\/include\/((?:tensorflow\/c\/(?:[a-z_]+|eager\/c_api)|(?:tensorflow\/core|tsl)\/platform\/ctstring(?:_internal)?|xla\/tsl\/c\/tsl_[a-z_]+)\.h)$/;

/** Our own kernels. The bundle lies two folders deeper than the sources do. */
export const ownSource = new URL(
  `${import.meta.url.endsWith('.ts') ? '' : '../../'}../../../resources/engine/fused.cc`,
  import.meta.url,
);

export interface BindingSources {
  platform: Platform;
  /** Paths of the archives. */
  wheel: string;
  binding: string;
  headers: string;
}

/** @returns the compiler's name; undefined when there is none @throws AppError when CXX names one that does not run */
export async function findCompiler(
  env: NodeJS.ProcessEnv = process.env,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const asked = env['CXX'];
  for (const name of asked ? [asked] : ['g++', 'clang++', 'c++']) {
    const ended = await runProgram(name, ['--version'], { env, signal });
    if (ended?.status === 0) return name;
  }
  if (asked)
    throw new AppError(
      'not-found',
      `The compiler ${asked} that CXX names does not run; correct or unset CXX.`,
    );
  return undefined;
}

export function noCompiler(platform: Platform): AppError {
  return new AppError(
    'unsupported',
    platform.startsWith('darwin')
      ? `No C++ compiler was found. Install Apple's with "xcode-select --install", or name a binding made on another such computer with --prebuilt ${bindingName(platform)}.`
      : `No C++ compiler was found. Install one ("sudo apt install g++" on Debian and Ubuntu, "sudo dnf install gcc-c++" on Fedora), or name a binding made on another such computer with --prebuilt ${bindingName(platform)}; --download-only makes one beside the archives.`,
  );
}

/**
 * @param work an empty folder for sources and headers
 * @param out  path of the binding
 * @throws AppError 'not-verified' when a source is not the one known, 'engine-failed' when it does not compile
 */
export async function buildBinding(
  compiler: string,
  { platform, wheel, binding, headers }: BindingSources,
  work: string,
  out: string,
  signal?: AbortSignal,
): Promise<void> {
  const include = join(work, 'include');
  await unzip(
    wheel,
    (name) => {
      const path = header.exec(name)?.[1];
      return path && join(include, path);
    },
    { signal },
  );
  await writeFiles(join(work, 'node'), await readTarball(headers), /^include\/.*\.h$/);
  await writeFiles(work, patchSources(await readTarball(binding)), /^binding\//);
  await writeFile(join(work, 'binding', 'fused.cc'), await readFile(ownSource));
  const run = (words: string[]) => compile(compiler, words, work, signal);
  const libraries = libraryNames(platform);
  await mkdir(join(work, 'stand-ins'));
  for (const name of libraries) await run(standIn(platform, name));
  await run([
    ...['-std=c++17', '-O3', '-fno-math-errno', '-fno-trapping-math', '-fassociative-math'],
    ...[
      '-fno-signed-zeros',
      '-ffp-contract=fast',
      '-fPIC',
      '-DNAPI_VERSION=8',
      '-Inode/include',
      '-Iinclude',
    ],
    ...['tfjs_backend.cc', 'tfjs_binding.cc', 'fused.cc'].map((name) => `binding/${name}`),
    ...['-o', out],
    ...(platform.startsWith('darwin')
      ? ['-bundle', '-undefined', 'dynamic_lookup', ...libraries.map((name) => `stand-ins/${name}`)]
      : ['-shared', '-Wl,--no-as-needed', '-Lstand-ins', ...libraries.map((name) => `-l:${name}`)]),
    platform.startsWith('darwin') ? '-Wl,-rpath,@loader_path/tensorflow' : '-Wl,-rpath,$ORIGIN/tensorflow',
  ]);
}

/** A library of that name with nothing in it: the linker only writes down that it is needed. */
function standIn(platform: Platform, name: string): string[] {
  const empty = ['-x', 'c++', '/dev/null', '-o', `stand-ins/${name}`];
  return platform.startsWith('darwin')
    ? ['-dynamiclib', ...empty, `-Wl,-install_name,@rpath/${name}`]
    : ['-shared', ...empty, `-Wl,-soname,${name}`];
}

async function compile(
  compiler: string,
  words: string[],
  cwd: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const ended = await runProgram(compiler, words, { cwd, signal });
  if (ended?.status === 0) return;
  const output = ended?.stderr.trim() ?? '';
  const first = /(?:fatal )?error: .*/.exec(output)?.[0] ?? output.split('\n').at(-1);
  throw new AppError(
    'engine-failed',
    `${compiler} could not compile the TensorFlow binding (${first}). A compiler with C++17 is needed (g++ 8 or later); or name a binding made elsewhere with --prebuilt.`,
    { details: { output } },
  );
}

async function writeFiles(folder: string, files: Map<string, Buffer>, wanted: RegExp): Promise<void> {
  for (const [path, content] of files) {
    if (!wanted.test(path)) continue;
    await mkdir(join(folder, path, '..'), { recursive: true });
    await writeFile(join(folder, path), content);
  }
}
