/** Remembers which engines passed their self-test, by device and versions, so that a job need not wait for it each time. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { version } from '#shared/version.ts';
import { engineRoot, installedEngine } from './install/installed-engine.ts';
import type { SelfTest } from './self-test.ts';

export interface Proof {
  /** Engine, device, driver and versions: another text means another test. */
  of: string;
  test: SelfTest;
  /** ISO 8601. */
  testedAt: string;
}

const kept = 20;

export function proofKey(engine: string, device: string, library: string): string {
  // a native engine can be installed anew, with other kernels, under the same version
  const recipe = engine === 'tensorflow' ? (installedEngine()?.recipe ?? 'package') : '';
  return [engine, device, library, recipe, `Limbeck ${version}`, `Node ${process.version}`]
    .filter(Boolean)
    .join(' · ');
}

export function findProof(of: string, root = engineRoot()): Proof | undefined {
  return readProofs(root).find((proof) => proof.of === of);
}

/** Only passed tests are remembered: what failed is tried again next time. A folder that cannot be written costs a test per start. */
export function keepProof(proof: Proof, root = engineRoot()): void {
  const others = readProofs(root).filter(({ of }) => of !== proof.of);
  const file = fileIn(root);
  try {
    mkdirSync(root, { recursive: true });
    writeFileSync(`${file}.${process.pid}`, JSON.stringify([proof, ...others].slice(0, kept), null, 1));
    renameSync(`${file}.${process.pid}`, file);
  } catch (error) {
    if (!isUnwritable(error)) throw error;
  }
}

const fileIn = (root: string) => join(root, 'self-tests.json');

/** A file that is not there, cut off or of another version is as good as none: the test is made again. */
function readProofs(root: string): Proof[] {
  try {
    const parsed: unknown = JSON.parse(readFileSync(fileIn(root), 'utf8'));
    return Array.isArray(parsed) ? parsed.filter(isProof) : [];
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

function isProof(value: unknown): value is Proof {
  const { of, test, testedAt } = value as Partial<Proof>;
  return typeof of === 'string' && typeof testedAt === 'string' && test?.passed === true;
}

function isUnwritable(error: unknown): boolean {
  return ['EACCES', 'EROFS', 'ENOSPC', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '');
}
