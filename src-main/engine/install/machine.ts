/** Whether this computer can have the native engine: asked before anything is fetched. */
import { existsSync, readFileSync, statfsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { AppError } from '#shared/errors.ts';
import { platforms, type Platform } from './archives.ts';

export interface Machine {
  platform: string;
  arch: string;
  /** Version of the GNU C library; '' where there is another one. Linux only. */
  glibc: string;
  /** Text of /proc/cpuinfo; '' where there is none. */
  cpuinfo: string;
  nvidiaDriver: boolean;
}

/** TensorFlow's library is built against this one. */
const oldestGlibc = [2, 27] as const;

export function readMachine(): Machine {
  const onLinux = process.platform === 'linux';
  return {
    platform: process.platform,
    arch: process.arch,
    glibc: onLinux ? glibcVersion() : '',
    cpuinfo: onLinux && existsSync('/proc/cpuinfo') ? readFileSync('/proc/cpuinfo', 'utf8') : '',
    nvidiaDriver: onLinux && existsSync('/proc/driver/nvidia/version'),
  };
}

/** @throws AppError 'unsupported' naming what is missing and which engine to use instead */
export function checkMachine(machine: Machine, gpu: boolean): Platform {
  const { platform, arch, glibc, cpuinfo } = machine;
  if (platform === 'win32')
    throw new AppError(
      'unsupported',
      'TensorFlow offers no library for Windows that Limbeck could use. Use the engine "webgpu" or "wasm" here, or install Limbeck in WSL2.',
    );
  const key = platforms.find((each) => each === `${platform}-${arch}`);
  if (!key)
    throw new AppError(
      'unsupported',
      `There is no TensorFlow library for ${platform} on ${arch}; the engine "wasm" works here without installation.`,
    );
  if (gpu && key !== 'linux-x64')
    throw new AppError(
      'unsupported',
      `TensorFlow uses an NVIDIA GPU on Linux with an x64 processor only, and this is ${key}. Leave out --gpu.`,
    );
  if (key === 'linux-x64' && !/^flags\s*:.*\bavx\b/m.test(cpuinfo))
    throw new AppError(
      'unsupported',
      'This processor has no AVX instructions, which TensorFlow needs. Use the engine "wasm"; on a virtual machine, let it see the processor of its host.',
    );
  if (platform === 'linux' && !isNewEnough(glibc))
    throw new AppError(
      'unsupported',
      glibc
        ? `TensorFlow needs the GNU C library 2.27 or later, and this system has ${glibc}. Use the engine "wasm", or a system from 2018 or later.`
        : 'TensorFlow needs the GNU C library, and this system has another one (such as Alpine). Use the engine "wasm".',
    );
  return key;
}

/** @throws AppError 'disk-full' with both sizes */
export function checkDisk(folder: string, needed: number, free = freeBytes(folder)): void {
  if (free >= needed) return;
  throw new AppError(
    'disk-full',
    `The engine needs ${gigabytes(needed)} on the drive of ${folder}, and ${gigabytes(free)} are free. Free some space, or name a folder on another drive in LIMBECK_ENGINE_DIR.`,
    { details: { folder, needed, free } },
  );
}

export function gigabytes(bytes: number): string {
  return bytes < 1e9 ? `${Math.ceil(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}

/** Of the drive that will hold a folder which may not exist yet. */
function freeBytes(folder: string): number {
  let existing = resolve(folder);
  while (!existsSync(existing)) existing = dirname(existing);
  const { bavail, bsize } = statfsSync(existing);
  return bavail * bsize;
}

function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > oldestGlibc[0] || (major === oldestGlibc[0] && minor >= oldestGlibc[1]);
}

function glibcVersion(): string {
  const report: unknown = process.report.getReport();
  const { header } = report as { header?: { glibcVersionRuntime?: unknown } };
  return typeof header?.glibcVersionRuntime === 'string' ? header.glibcVersionRuntime : '';
}
