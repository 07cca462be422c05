import { describe, expect, it } from 'vitest';
import { archivesFor, platforms, sizeOf } from '#main/engine/install/archives.ts';

const all = [...platforms.map((platform) => archivesFor(platform, false)), archivesFor('linux-x64', true)];

describe('the recorded archives', () => {
  it('each have a checksum, a size and a name of their own', () => {
    for (const archives of all) {
      expect(new Set(archives.map(({ file }) => file)).size).toBe(archives.length);
      for (const { sha256, bytes, unpacked } of archives) {
        expect(sha256).toMatch(/^[0-9a-f]{64}$/);
        expect(bytes).toBeGreaterThan(1000);
        expect(unpacked).toBeGreaterThan(1000);
      }
    }
  });

  it('begin with TensorFlow and end with what the binding is made from', () => {
    for (const archives of all) {
      expect(archives[0]!.project).toMatch(/^tensorflow/);
      expect(archives.slice(-2).map(({ from }) => from)).toEqual(['npm', 'npm']);
    }
  });

  it('tell their size before they are fetched', () => {
    const [plain, gpu] = [sizeOf(archivesFor('linux-x64', false)), sizeOf(archivesFor('linux-x64', true))];
    expect(plain.fetched / 1e6).toBeCloseTo(274, 0);
    expect(gpu.fetched / 1e9).toBeCloseTo(2.91, 1);
    expect(gpu.unpacked).toBeGreaterThan(gpu.fetched);
  });

  it('ask for the tags that their names carry', () => {
    for (const { file, tags } of all.flat())
      for (const platform of tags?.platforms ?? []) expect(file).toContain(platform);
  });
});
