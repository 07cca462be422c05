import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

/** Debian's Chromium brings a Vulkan loader and SwiftShader, a driver that computes on the processor. */
const chromium = '/usr/lib/chromium';
const here = existsSync(`${chromium}/libvk_swiftshader.so`) && existsSync(`${chromium}/libvulkan.so.1`);
const script = fileURLToPath(new URL('train-on.ts', import.meta.url));

interface Told {
  curves: Record<string, number[]>;
  lost?: string;
  error?: string;
  step?: number;
}

async function trainOn(engine: string, ...rest: string[]): Promise<Told> {
  const env =
    engine === 'webgpu'
      ? { ...process.env, LD_LIBRARY_PATH: chromium, VK_ICD_FILENAMES: `${chromium}/vk_swiftshader_icd.json` }
      : process.env;
  const { stdout } = await promisify(execFile)(process.execPath, [script, engine, ...rest], { env });
  return JSON.parse(stdout) as Told;
}

describe.skipIf(!here)(
  here ? 'webgpu on SwiftShader' : 'webgpu (SKIPPED: no SwiftShader in /usr/lib/chromium)',
  () => {
    it('learns as the cpu engine does, in every network', { timeout: 300_000 }, async () => {
      const [cpu, webgpu] = await Promise.all([trainOn('cpu', '2'), trainOn('webgpu', '2')]);
      expect(Object.keys(cpu.curves)).toHaveLength(3);
      for (const [network, losses] of Object.entries(cpu.curves))
        losses.forEach((loss, step) =>
          expect(Math.abs(webgpu.curves[network]![step]! / loss - 1), network).toBeLessThan(1e-4),
        );
    });

    it('refuses what a lost device still answers', { timeout: 120_000 }, async () => {
      const { lost, error, step } = await trainOn('webgpu', '3', 'lose');
      expect(step).toBe(1);
      expect(lost).toBeTruthy();
      expect(error).toMatch(/The graphics card stopped computing .* last checkpoint is kept/);
    });
  },
);

describe('wasm', () => {
  it('learns as the cpu engine does, in every network', { timeout: 60_000 }, async () => {
    const [cpu, wasm] = [await trainOn('cpu', '8'), await trainOn('wasm', '8')];
    for (const [network, losses] of Object.entries(cpu.curves))
      losses.forEach((loss, step) =>
        expect(Math.abs(wasm.curves[network]![step]! / loss - 1), network).toBeLessThan(1e-3),
      );
  });
});
