import { describe, expect, it } from 'vitest';
import {
  checkDisk,
  checkMachine,
  gigabytes,
  readMachine,
  type Machine,
} from '#main/engine/install/machine.ts';

const good: Machine = {
  platform: 'linux',
  arch: 'x64',
  glibc: '2.31',
  cpuinfo: 'processor : 0\nflags\t\t: fpu sse avx avx2\n',
  nvidiaDriver: false,
};
const refusal = (change: Partial<Machine>, gpu = false): string => {
  try {
    return checkMachine({ ...good, ...change }, gpu);
  } catch (error) {
    return (error as Error).message;
  }
};

describe('a computer for the native engine', () => {
  it('is known by platform and processor', () => {
    expect(refusal({})).toBe('linux-x64');
    expect(refusal({ arch: 'arm64', cpuinfo: '' })).toBe('linux-arm64');
    expect(refusal({ platform: 'darwin', arch: 'arm64', glibc: '', cpuinfo: '' })).toBe('darwin-arm64');
  });

  it('is refused with the reason and what to use instead', () => {
    expect(refusal({ platform: 'win32' })).toMatch(/Windows.*"webgpu" or "wasm"/);
    expect(refusal({ platform: 'freebsd' })).toMatch(/freebsd on x64.*"wasm"/);
    expect(refusal({ cpuinfo: 'flags : fpu sse avxless\n' })).toMatch(/no AVX.*"wasm"/);
    expect(refusal({ glibc: '2.17' })).toMatch(/2\.27 or later, and this system has 2\.17/);
    expect(refusal({ glibc: '' })).toMatch(/another one \(such as Alpine\)/);
    expect(refusal({ platform: 'darwin', arch: 'arm64' }, true)).toMatch(/Leave out --gpu/);
  });

  it('reads its own facts', () => {
    const machine = readMachine();
    expect(machine.platform).toBe(process.platform);
    if (process.platform === 'linux') expect(machine.cpuinfo).toContain('processor');
  });

  it('needs room on its drive, told in both sizes', () => {
    expect(() => checkDisk('/data/engine', 4.6e9, 700e6)).toThrow(
      /needs 4\.6 GB on the drive of \/data\/engine, and 700 MB are free/,
    );
    expect(() => checkDisk('/data/engine', 4.6e9, 5e9)).not.toThrow();
    expect(() => checkDisk(import.meta.dirname, 1)).not.toThrow();
  });

  it('is told sizes as people say them', () => {
    expect([1, 273_829_956, 2_908_000_000].map(gigabytes)).toEqual(['1 MB', '274 MB', '2.9 GB']);
  });
});
