/** Takes out of the archives what an engine keeps: libraries, licences and scripts. */
import { existsSync } from 'node:fs';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { AppError } from '#shared/errors.ts';
import { libraryNames, sizeOf, type Archive, type Platform } from './archives.ts';
import { runProgram } from './child.ts';
import { bytesProgress, type Note, type OnProgress } from './progress.ts';
import { readTarball } from './tar-members.ts';
import { unzip } from './zip-members.ts';

/** @returns paths of TensorFlow's own libraries */
export async function unpackLibraries(
  work: string,
  downloads: string,
  platform: Platform,
  archives: readonly Archive[],
  onProgress: OnProgress,
  signal: AbortSignal | undefined,
): Promise<string[]> {
  const names = libraryNames(platform);
  let done = 0;
  const told = bytesProgress(onProgress, sizeOf(archives).unpacked);
  const options = { signal, onBytes: (bytes: number) => told((done += bytes)) };
  for (const archive of archives.filter(({ from }) => from === 'python')) {
    await unzip(
      join(downloads, archive.file),
      (name) => {
        if (names.some((library) => name === `tensorflow/${library}`)) return join(work, name);
        if (/^nvidia\/[a-z_]+\/lib\/lib[^/]+\.so[.\d]*$/.test(name)) return join(work, name);
        // Licences travel with the libraries.
        return /(^|\/)(licen[cs]e|notice|third_party_notices)[^/]*$/i.test(name) &&
          /^tensorflow\/[^/]+$|dist-info\//.test(name)
          ? join(work, 'licences', archive.project, basename(name))
          : undefined;
      },
      options,
    );
  }
  const libraries = names.map((name) => join(work, 'tensorflow', name));
  const missing = libraries.find((library) => !existsSync(library));
  if (missing)
    throw new AppError(
      'not-verified',
      `${archives[0]!.file} has no ${basename(missing)}; take the recorded archive.`,
    );
  // TensorFlow looks for NVIDIA's libraries in each folder but this one's: it is made visible beside another.
  if (existsSync(join(work, 'nvidia/cusolver')))
    await symlink('../../cusolver/lib/libcusolver.so.11', join(work, 'nvidia/cublas/lib/libcusolver.so.11'));
  return libraries;
}

/** The JavaScript half; histograms for TensorBoard, which need one more package, are left out. */
export async function unpackScripts(work: string, tarball: string): Promise<void> {
  const wanted =
    /^dist\/((?:register_all_kernels|nodejs_kernel_backend|int64_tensors|kernels\/(?!.*_test)[^/]+)\.js)$/;
  const scripts = join(work, 'scripts');
  await mkdir(join(scripts, 'kernels'), { recursive: true });
  await mkdir(join(scripts, 'proto'));
  for (const [path, content] of await readTarball(tarball)) {
    const name = wanted.exec(path)?.[1];
    if (name) await writeFile(join(scripts, name), content);
  }
  await writeFile(join(scripts, 'proto', 'api_pb.js'), 'module.exports = {};\n');
  await writeFile(join(scripts, 'package.json'), '{ "type": "commonjs" }\n');
}

/** Takes the symbol tables out, a quarter of the size; nothing depends on it. */
export async function strip(
  libraries: readonly string[],
  platform: Platform,
  note: Note,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (!platform.startsWith('linux')) return;
  const ended = await runProgram('strip', ['--strip-unneeded', ...libraries], { signal });
  if (ended?.status !== 0) note('The libraries keep their symbol tables: there is no working "strip" here.');
}
