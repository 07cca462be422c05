import { describe, expect, it } from 'vitest';
import { binaries, builtWith } from '#main/engine/kernels/binaries.ts';
import { builds, compile, compiler, compilerVersion, type Build } from '#main/engine/kernels/build.ts';

const found = compilerVersion();
const here = found === builtWith;
const names = Object.keys(builds) as Build[];

describe.skipIf(!here)(
  here
    ? 'the kernels in the repository'
    : `the kernels (SKIPPED: ${compiler()} is ${found || 'absent'}, not ${builtWith})`,
  () => {
    it.each(names)('are what the sources compile to: %s', (build) => {
      expect(compile(build).toString('base64') === binaries[build]).toBe(true);
    });
  },
);

describe('the kernels', () => {
  it.each(names)('bring no data, no table and no memory of their own: %s', (build) => {
    const module = new WebAssembly.Module(Uint8Array.from(Buffer.from(binaries[build], 'base64')));
    expect(WebAssembly.Module.imports(module)).toEqual([{ module: 'env', name: 'memory', kind: 'memory' }]);
    expect(WebAssembly.Module.exports(module).every(({ kind }) => kind === 'function')).toBe(true);
  });
});
