/** Sites of the scalp against published values, symmetry, and an independent computation where Python has one. */
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import {
  angleBetween,
  canonicalSite,
  compareSites,
  displayName,
  hemisphere,
  neighbours,
  position,
  project2d,
  siteNamed,
  sites,
} from '#shared/eeg/electrodes.ts';

const names = sites.map(({ name }) => name);
const twin = (name: string): string =>
  name.replace(/\d+/, (digits) => String(Number(digits) % 2 ? Number(digits) + 1 : Number(digits) - 1));

describe('sites', () => {
  it('holds 21, 75 and 345 sites of the three systems and 12 with names of their own', () => {
    const count = (...systems: string[]) => sites.filter(({ system }) => systems.includes(system)).length;
    expect([count('10-20'), count('10-20', '10-10'), count('10-20', '10-10', '10-5'), count('own')]).toEqual([
      21, 75, 345, 12,
    ]);
    expect(new Set(names.map((name) => name.toUpperCase())).size).toBe(names.length);
  });

  it.each([
    ['Fp1', -0.294, 0.905, 0.309],
    ['T7', -0.951, 0, 0.309],
    ['C3', -0.588, 0, 0.809],
    ['Cz', 0, 0, 1],
    ['Nz', 0, 1, 0],
    ['T9', -1, 0, 0],
    ['T10', 1, 0, 0],
    ['Iz', 0, -1, 0],
    ['AF3', -0.313, 0.799, 0.514],
    ['F5h', -0.556, 0.576, 0.6],
  ])('puts %s where the arcs put it', (name, x, y, z) => {
    const at = position(name)!;
    for (const [k, value] of [x, y, z].entries()) expect(at[k]).toBeCloseTo(value, 3);
  });

  it('lies on the unit sphere, left and right mirrored, the midline in the middle', () => {
    for (const { name, position: at, hemisphere: side } of sites) {
      expect(Math.hypot(...at)).toBeCloseTo(1, 9);
      if (side === 'midline') {
        expect(Math.abs(at[0])).toBeLessThan(1e-12);
        continue;
      }
      const other = siteNamed(twin(name))!;
      expect(other.hemisphere).not.toBe(side);
      expect(side).toBe(Number(/\d+/.exec(name)![0]) % 2 ? 'left' : 'right');
      expect(other.position[0]).toBeCloseTo(-at[0], 12);
      expect(other.position[1]).toBeCloseTo(at[1], 12);
      expect(other.position[2]).toBeCloseTo(at[2], 12);
    }
  });

  it('finds any spelling of case, and nothing inside a longer word', () => {
    for (const name of names) {
      expect(canonicalSite(name.toLowerCase())).toBe(name);
      expect(canonicalSite(name.toUpperCase())).toBe(name);
      expect(canonicalSite(`X${name}Q`)).toBeNull();
    }
  });

  it('orders front to back and left to right, derivations last', () => {
    const shuffled = 'O2 Cz Fp2-F8 T8 Fp1 CB1 Pz T7 Oz F4 Fp1-F7 O1 CB2 F3 Fpz C3 A1 Fp2'.split(' ');
    expect(shuffled.sort(compareSites).join(' ')).toBe(
      'Fp1 Fpz Fp2 F3 F4 T7 C3 Cz T8 Pz CB1 O1 Oz O2 CB2 A1 Fp1-F7 Fp2-F8',
    );
  });

  it('projects Cz to the middle, the equator to radius one and keeps left on the left', () => {
    expect(project2d('Cz')).toEqual({ x: 0, y: 0 });
    for (const name of ['Nz', 'T9', 'T10', 'Iz', 'F9', 'PO10']) {
      const at = project2d(name)!;
      expect(Math.hypot(at.x, at.y)).toBeCloseTo(1, 9);
    }
    expect(project2d('C3')!.x).toBeCloseTo(-0.4, 9);
    expect(project2d('Fz')!.y).toBeCloseTo(0.4, 9);
    const ear = project2d('A1')!;
    expect(Math.hypot(ear.x, ear.y)).toBeGreaterThan(1);
    expect(project2d('X9')).toBeNull();
  });

  it('finds neighbours by angle, independent of the order offered', () => {
    const cap = 'Fp1 Fp2 F7 F3 Fz F4 F8 T7 C3 Cz C4 T8 P7 P3 Pz P4 P8 O1 O2'.split(' ');
    const near = neighbours('C3', cap).map(({ site }) => site);
    expect([...near].sort()).toEqual(['Cz', 'F3', 'P3', 'T7']);
    expect(neighbours('C3', cap.toReversed()).map(({ site }) => site)).toEqual(near);
    expect(neighbours('Cz', cap, 8, 10)).toEqual([]);
    expect(angleBetween('Cz', 'T9')).toBeCloseTo(90, 9);
    expect(angleBetween('Cz', 'X9')).toBeNaN();
  });

  it('knows the side and half-way place of a derivation', () => {
    expect(hemisphere('Fp1-F7')).toBe('left');
    expect(hemisphere('Fz-F4')).toBe('right');
    expect(hemisphere('Fp1-Fp2')).toBe('midline');
    expect(position('C3-C4')!.map((value) => Math.round(value * 1e9))).toEqual([0, 0, 1e9]);
    expect(displayName('T7-P7', 'older')).toBe('T3-T5');
    expect(displayName('T7-P7', 'modern')).toBe('T7-P7');
  });
});

const python = process.env['LIMBECK_PYTHON'] ?? 'python3';
const script = `
import json, mne, numpy as np
mne.set_log_level("ERROR")
places = mne.channels.make_standard_montage("spherical_1005").get_positions()["ch_pos"]
print(json.dumps({name: list(np.asarray(at) / np.linalg.norm(at)) for name, at in places.items()}))
`;
const template = spawnSync(python, ['-c', script], { encoding: 'utf8', maxBuffer: 1 << 24 });

describe.skipIf(template.status !== 0)(
  'sites against MNE (needs a Python with mne in LIMBECK_PYTHON)',
  () => {
    it('agrees with all positions of spherical_1005 to its four digits', () => {
      const reference = JSON.parse(template.stdout) as Record<string, number[]>;
      const worst = Object.entries(reference).map(([name, at]) => {
        const mine = position(name);
        expect(mine, name).not.toBeNull();
        return Math.max(...at.map((value, k) => Math.abs(value - mine![k]!)));
      });
      expect(worst.length).toBeGreaterThan(340);
      expect(Math.max(...worst)).toBeLessThan(1e-4);
    });
  },
);
