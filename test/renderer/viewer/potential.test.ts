import { describe, expect, it } from 'vitest';
import { position } from '#shared/eeg/electrodes.ts';
import type { ChannelView, TraceView } from '#shared/views.ts';
import {
  extremeSite,
  footingOf,
  interpolate,
  mapSize,
  placeOf,
  potentialPixels,
  siteValues,
  splineKernel,
  splineMap,
  symmetricLimit,
  valueOn,
} from '#renderer/viewer/potential.ts';

const sites = 'Fp1 Fp2 F7 F3 Fz F4 F8 T7 C3 Cz C4 T8 P7 P3 Pz P4 P8 O1 O2'.split(' ');

function channel(at: number, electrode: string | null, more: Partial<ChannelView> = {}): ChannelView {
  return {
    position: at,
    label: electrode ?? `X${at}`,
    kind: 'eeg',
    unit: 'uV',
    sfreqHz: 256,
    electrode,
    reference: 'Cz',
    bipolar: null,
    toMicrovolt: 1,
    confidence: 'certain',
    reason: '',
    disabled: null,
    bad: false,
    ...more,
  };
}

function trace(label: string, channels: number[], more: Partial<TraceView> = {}): TraceView {
  return {
    label,
    group: 'eeg',
    hemisphere: 'left',
    kind: 'eeg',
    sfreqHz: 256,
    offset: 0,
    count: 2560,
    bad: false,
    missing: null,
    note: null,
    unit: 'µV',
    filtered: 'all',
    saturated: [],
    stuck: [],
    channels,
    ...more,
  };
}

/** Value of the map at the point nearest to a site. */
function near(map: ReturnType<typeof splineMap>, field: Float32Array, site: string): number {
  const { x, y } = placeOf(site);
  const column = Math.min(mapSize - 1, Math.floor(((x + 1) / 2) * mapSize));
  const row = Math.min(mapSize - 1, Math.floor(((1 - y) / 2) * mapSize));
  return field[map.points.indexOf(row * mapSize + column)]!;
}

describe('the potential at the cursor', () => {
  const map = splineMap(sites);

  it('goes through what was measured at every site', () => {
    const values = sites.map((_, i) => 40 * Math.sin(1.7 * i));
    const field = interpolate(map, values);
    sites.forEach((site, i) => expect(Math.abs(near(map, field, site) - values[i]!)).toBeLessThan(4));
  });

  it('stays constant where all sites are equal', () => {
    const field = interpolate(
      map,
      sites.map(() => -12),
    );
    for (const value of field) expect(value).toBeCloseTo(-12, 3);
  });

  it('recovers a smooth dipole between the sites', () => {
    const slope = (name: string): number => 30 * position(name)![0] + 10 * position(name)![1];
    const field = interpolate(map, sites.map(slope));
    for (const site of ['FC3', 'CP4', 'FCz', 'AF4', 'PO3'])
      expect(Math.abs(near(map, field, site) - slope(site))).toBeLessThan(3);
  });

  it('mirrors when left and right are swapped', () => {
    const values = sites.map((site) => 20 * position(site)![0] + 5 * position(site)![2]);
    const swapped = sites.map((site) => -20 * position(site)![0] + 5 * position(site)![2]);
    const [a, b] = [interpolate(map, values), interpolate(map, swapped)];
    expect(near(map, a, 'C5')).toBeCloseTo(near(map, b, 'C6'), 0);
  });

  it('has a kernel that falls with the angle', () => {
    const kernel = [1, 0.8, 0.5, 0, -0.5, -1].map(splineKernel);
    for (let i = 1; i < kernel.length; i++) expect(kernel[i]!).toBeLessThan(kernel[i - 1]!);
  });

  it('paints symmetric limits and nothing outside the head', () => {
    const pixels = potentialPixels(map, new Float32Array(map.points.length), 70, [
      [255, 0, 0],
      [128, 128, 128],
      [0, 0, 255],
    ]);
    expect(pixels[3]).toBe(0);
    const middle = 4 * (48 * mapSize + 48);
    expect([...pixels.subarray(middle, middle + 4)]).toEqual([128, 128, 128, 255]);
  });

  it('tells potentials from differences', () => {
    const channels = sites.map((site, i) => channel(i, site));
    const recorded = sites.map((site, i) => trace(site, [i]));
    expect(footingOf(recorded, channels)).toBe('recorded');
    expect(footingOf([trace('Fp1-AVG', [0, 1, 2]), trace('Fz-AVG', [0, 1, 2])], channels)).toBe('average');
    expect(footingOf([trace('Fp1-F7', [0, 2])], channels)).toBe('none');
    expect(footingOf([trace('F3-Cz', [3])], channels)).toBe('none');
    expect(footingOf([], channels)).toBe('none');
    const bipolar = [channel(0, null, { bipolar: ['Fp1', 'F7'], label: 'Fp1-F7' })];
    expect(footingOf([trace('Fp1-F7', [0])], bipolar)).toBe('none');
    const mixed = [channel(0, 'Fp1', { reference: 'A1' }), channel(1, 'Fp2', { reference: 'A2' })];
    expect(footingOf([trace('Fp1', [0]), trace('Fp2', [1])], mixed)).toBe('none');
  });

  it('keeps a site with its unit name and reference in its label', () => {
    const channels = [channel(0, 'Fp1', { label: 'EEG Fp1-Cz' })];
    expect(footingOf([trace('EEG Fp1-Cz', [0])], channels)).toBe('recorded');
  });

  it('leaves out ears, gaps and other kinds, and prefers a good trace of a site', () => {
    const channels = [channel(0, 'Fp1', { bad: true }), channel(1, 'C3'), channel(2, 'A1'), channel(3, 'O1')];
    const traces = [
      trace('Fp1', [0]),
      trace('C3', [1]),
      trace('A1', [2]),
      trace('O1', [3]),
      trace('ECG', [4], { kind: 'ecg' }),
    ];
    const found = siteValues(traces, 'recorded', channels, ({ label }) => (label === 'O1' ? NaN : 9));
    expect(found).toEqual([
      { site: 'Fp1', microvolt: 9, bad: true },
      { site: 'C3', microvolt: 9, bad: false },
    ]);
  });

  it('reads the sample at the cursor, and the middle of a column of many', () => {
    const values = Float32Array.from({ length: 512 }, (_, i) => i);
    expect(valueOn(trace('C3', [0]), values, 0.5, [channel(0, 'C3')])).toBe(128);
    const columns = Float32Array.from([-4, 8, -10, 20]);
    const decimated = trace('C3', [0], { sfreqHz: 2 });
    expect(valueOn(decimated, columns, 1.5, [channel(0, 'C3')])).toBe(5);
    expect(valueOn(trace('C3', [0]), values, 99, [channel(0, 'C3')])).toBeNaN();
  });

  it('names the farthest from zero among the good, and limits that hold it', () => {
    const values = [
      { site: 'T7', microvolt: -66, bad: false },
      { site: 'O1', microvolt: 40, bad: false },
      { site: 'C4', microvolt: 900, bad: true },
    ];
    expect(extremeSite(values)?.site).toBe('T7');
    expect(symmetricLimit(values)).toBe(70);
    expect(extremeSite([])).toBeNull();
    expect(symmetricLimit([])).toBe(1);
  });
});
