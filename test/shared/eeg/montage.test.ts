/** Montages against matrices worked out by hand, and the algebra that refuses what a recording does not hold. */
import { describe, expect, it } from 'vitest';
import { suggestChannelMap, type ChannelMapEntry } from '#shared/eeg/channel-map.ts';
import {
  applyMontage,
  channelsOf,
  deriveMontage,
  offerMontages,
  type MontageRow,
} from '#shared/eeg/montage.ts';
import { montageById, montages, type Montage } from '#shared/eeg/montages.ts';
import { createRandom } from '#shared/random.ts';
import { channel, channels } from './channel-fixture.ts';
import { labelFiles } from './labels.ts';

const map = (labels: string) => suggestChannelMap(channels(labels));
const byId = (id: string): Montage => montageById(id)!;
const cap = 'Fp1 Fp2 F7 F3 Fz F4 F8 T3 C3 Cz C4 T4 T5 P3 Pz P4 T6 O1 O2';
const banana =
  'Fp1-F7 F7-T3 T3-T5 T5-O1 Fp2-F8 F8-T4 T4-T6 T6-O2 Fp1-F3 F3-C3 C3-P3 P3-O1 Fp2-F4 F4-C4 C4-P4 P4-O2 Fz-Cz Cz-Pz';
const labels = (rows: readonly MontageRow[]) => rows.map(({ label }) => label);
const dense = (row: MontageRow, length: number): number[] => {
  const full = new Array<number>(length).fill(0);
  for (const { channel: at, weight } of row.weights) full[at] = weight;
  return full;
};

/** Site potentials drawn at random, and what each channel of the map would then record. */
function simulate(entries: readonly ChannelMapEntry[], seed: number) {
  const random = createRandom(seed);
  const potentials = new Map<string, number>();
  const at = (place: string): number => {
    const [one, two] = place.split('+');
    if (two !== undefined) return (at(one!) + at(two)) / 2;
    if (!potentials.has(place)) potentials.set(place, random.normal() * 50);
    return potentials.get(place)!;
  };
  const values = entries.map(({ electrode, bipolar, reference }) => {
    if (bipolar) return at(bipolar[0]) - at(bipolar[1]);
    return electrode === null ? random.normal() : at(electrode) - at(reference ?? 'REF');
  });
  return { at, recorded: values.map((value) => Float32Array.of(value)) };
}

describe('chains', () => {
  it('draws the double banana left above right with plain differences', () => {
    const { rows, refusal, reference } = deriveMontage(byId('banana'), map(cap));
    expect([refusal, reference]).toEqual([null, 'bipolar']);
    expect(labels(rows).join(' ')).toBe(
      'Fp1-F7 F7-T7 T7-P7 P7-O1 Fp2-F8 F8-T8 T8-P8 P8-O2 Fp1-F3 F3-C3 C3-P3 P3-O1 Fp2-F4 F4-C4 C4-P4 P4-O2 Fz-Cz Cz-Pz',
    );
    expect(rows[0]!.weights).toEqual([
      { channel: 0, weight: 1 },
      { channel: 2, weight: -1 },
    ]);
    expect(rows.map(({ hemisphere }) => hemisphere[0]).join('')).toBe('llllrrrrllllrrrrmm');
    for (const row of rows) expect(row.weights.map(({ weight }) => weight).sort()).toEqual([-1, 1]);
  });

  it('offers the other orders with the same derivations', () => {
    const rows = (id: string) => deriveMontage(byId(id), map(cap)).rows;
    const usual = labels(rows('banana'));
    expect(labels(rows('banana-alternating')).slice(0, 4)).toEqual(['Fp1-F7', 'Fp2-F8', 'F7-T7', 'F8-T8']);
    expect(labels(rows('banana-european'))[0]).toBe('Fp2-F8');
    for (const id of ['banana-alternating', 'banana-european'])
      expect(labels(rows(id)).sort()).toEqual([...usual].sort());
    expect(labels(rows('transverse')).length).toBe(3 + 4 + 4 + 4 + 3);
    expect(labels(rows('circumferential')).length).toBe(10);
    expect(labels(deriveMontage(byId('banana'), map(cap), { names: 'older' }).rows)[1]).toBe('F7-T3');
  });

  it('says which site is missing or bad and bridges only when allowed', () => {
    const entries = map(cap.replace('T3 ', ''));
    const missing = deriveMontage(byId('banana'), entries).rows.filter((row) => row.missing);
    expect(missing.map(({ label, missing }) => [label, missing])).toEqual([
      ['F7-T7', 'T7 is not recorded'],
      ['T7-P7', 'T7 is not recorded'],
    ]);
    const bridged = deriveMontage(byId('banana'), entries, { bridge: true }).rows;
    expect(bridged[1]).toMatchObject({ label: 'F7-P7', note: 'T7 is not recorded: F7-P7 used' });
    const drawn = applyMontage([missing[0]!], [Float32Array.of(1, 2)]);
    expect([...drawn[0]!]).toEqual([NaN, NaN]);
  });

  it('keeps rows of a bad site in their place, with the reason and plain differences', () => {
    const good = deriveMontage(byId('banana'), map(cap)).rows;
    const { rows } = deriveMontage(byId('banana'), map(cap), { bad: new Set([7, 3]) });
    expect(labels(rows)).toEqual(labels(good));
    expect(rows.map(({ weights }) => weights)).toEqual(good.map(({ weights }) => weights));
    expect(Object.fromEntries(rows.flatMap(({ label, bad }) => (bad ? [[label, bad]] : [])))).toEqual({
      'F7-T7': 'T7 is marked bad',
      'T7-P7': 'T7 is marked bad',
      'Fp1-F3': 'F3 is marked bad',
      'F3-C3': 'F3 is marked bad',
    });
    const both = deriveMontage(byId('banana'), map(cap), { bad: new Set([2, 7]) }).rows;
    expect(both[1]!.bad).toBe('F7 and T7 are marked bad');
  });

  it('greys a bad derivation of a bipolar file and names it', () => {
    const entries = map('Fp1-F7 F7-T3 T3-T5 T5-O1');
    const { rows } = deriveMontage(byId('banana'), entries, { bad: new Set([1]) });
    expect(rows.slice(0, 4).map(({ bad }) => bad)).toEqual([
      undefined,
      'F7-T7 is marked bad',
      undefined,
      undefined,
    ]);
  });
});

describe('references', () => {
  it('computes the average reference as I − 1/n over good scalp sites', () => {
    const entries = map('Fp1-REF Cz-REF O2-REF A1-REF EKG');
    const { rows, reference } = deriveMontage(byId('average'), entries, { others: false });
    expect(reference).toBe('average of 3 sites');
    const third = 1 / 3;
    const matrix = [
      [1 - third, -third, -third, 0, 0],
      [-third, 1 - third, -third, 0, 0],
      [-third, -third, 1 - third, 0, 0],
    ];
    for (const [i, row] of rows.entries())
      for (const [k, weight] of dense(row, 5).entries()) expect(weight).toBeCloseTo(matrix[i]![k]!, 12);
  });

  it('leaves bad sites out of the average and says so', () => {
    const { rows, reference } = deriveMontage(byId('average'), map(cap), { bad: new Set([0]) });
    expect(reference).toBe('average of 18 sites');
    expect(rows[0]).toMatchObject({ label: 'Fp1-AVG', bad: 'Fp1 is marked bad' });
    const own = dense(rows[0]!, 19);
    expect(own[0]).toBe(1);
    for (const weight of own.slice(1)) expect(weight).toBeCloseTo(-1 / 18, 12);
    expect(rows.slice(1).every(({ weights }) => weights.every(({ channel: at }) => at !== 0))).toBe(true);
  });

  it('draws a bad site against good neighbours only, and marks eye and heart channels too', () => {
    const entries = map(`${cap} EKG`);
    const { rows } = deriveMontage(byId('laplacian'), entries, { bad: new Set([8, 19]) });
    const at = rows.findIndex(({ label }) => label === 'C3-Lap');
    expect(rows[at]).toMatchObject({ bad: 'C3 is marked bad' });
    for (const [i, { weights }] of rows.entries())
      if (i !== at) expect(weights.some(({ channel: of }) => of === 8)).toBe(false);
    expect(rows.at(-1)).toMatchObject({ label: 'EKG', bad: 'marked bad' });
  });

  it('takes linked ears from ears, mastoids or the labels, and Cz from Cz', () => {
    const weights = (labels: string, id: string) =>
      deriveMontage(byId(id), map(labels)).rows.map((row) => dense(row, labels.split(' ').length));
    expect(weights('Fp1 C3 F3 O1 A1 A2', 'linked-ears')[0]).toEqual([1, 0, 0, 0, -0.5, -0.5]);
    expect(weights('Fp1 C3 F3 O1 M1 M2', 'linked-ears')[0]).toEqual([1, 0, 0, 0, -0.5, -0.5]);
    expect(weights('Fp1-LE C3-LE', 'linked-ears')).toEqual([
      [1, 0],
      [0, 1],
    ]);
    expect(weights('Fp1 C3 Cz', 'cz')).toEqual([
      [1, 0, -1],
      [0, 1, -1],
    ]);
    expect(deriveMontage(byId('cz'), map('Fp1 C3')).refusal).toBe('Cz is not recorded.');
    expect(deriveMontage(byId('linked-ears'), map('Fp1 C3')).refusal).toContain(
      'none of: A1+A2, or A1 and A2',
    );
  });

  it('does not mix ears: C3 against A2 cannot be compared with C4 against A1', () => {
    const entries = map('C3-A2 C4-A1');
    const { refusal } = deriveMontage(byId('average'), entries);
    expect(refusal).toContain('no chain of recorded differences leads from C3 to C4');
    const joined = deriveMontage(byId('average'), map('C3-A2 C4-A1 A1-A2'), { others: false });
    expect(joined.refusal).toBeNull();
    expect(dense(joined.rows[0]!, 3)).toEqual([0.5, -0.5, -0.5]);
  });

  it('brings a recorded reference back as a site', () => {
    const { rows, reference } = deriveMontage(byId('average'), map('Fp1-Cz F3-Cz C3-Cz P3-Cz O1-Cz F4-Cz'));
    expect(reference).toBe('average of 7 sites');
    const centre = rows.find(({ label }) => label === 'Cz-AVG')!;
    for (const { weight } of centre.weights) expect(weight).toBeCloseTo(-1 / 7, 12);
  });
});

describe('the Laplacian', () => {
  it('subtracts near neighbours whose weights add up to one, and prints them', () => {
    const { rows } = deriveMontage(byId('laplacian'), map(cap));
    const centre = rows.find(({ label }) => label === 'Cz-Lap')!;
    expect(centre.note).toBe('neighbours Fz, C3, C4, Pz');
    expect(centre.weights.map(({ weight }) => Math.round(weight * 1e9) / 1e9).sort((a, b) => a - b)).toEqual([
      -0.25, -0.25, -0.25, -0.25, 1,
    ]);
    for (const row of rows) {
      expect(row.missing).toBeUndefined();
      expect(row.weights.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(0, 12);
    }
  });

  it('refuses a site without three neighbours by name', () => {
    const { rows } = deriveMontage(byId('laplacian'), map('Fp1 Fp2 F3 Fz F4 O1'));
    expect(rows.at(-1)!.missing).toContain('O1 has only 0 neighbours');
  });
});

describe('bipolar files', () => {
  it('offer only the chains their algebra allows, with the refusal in words', () => {
    const offers = new Map(offerMontages(map(banana)).map(({ montage, refusal }) => [montage.id, refusal]));
    expect(offers.get('banana')).toBeNull();
    expect(offers.get('as-recorded')).toBeNull();
    expect(offers.get('average')).toBe(
      'Fp1-F7 cannot become an average reference because no chain of recorded differences leads from Fp1 to Fp2.',
    );
    expect(offers.get('laplacian')).toContain('cannot become a Laplacian');
    expect(offers.get('linked-ears')).toContain('none of');
    const transverse = deriveMontage(byId('transverse'), map(banana)).rows;
    expect(transverse.find(({ label }) => label === 'F7-Fp1')!.weights).toEqual([{ channel: 0, weight: -1 }]);
    expect(transverse.find(({ label }) => label === 'Fp1-Fp2')!.missing).toBe(
      'no chain of recorded differences leads from Fp1 to Fp2',
    );
  });

  it('use the channel itself where the file has it, not the long way round', () => {
    const rows = deriveMontage(byId('banana'), map(banana)).rows;
    expect(rows.every(({ weights }) => weights.length === 1 && weights[0]!.weight === 1)).toBe(true);
    expect(channelsOf(rows)).toEqual(Array.from({ length: 18 }, (_, i) => i));
  });

  it('get an average where every site is joined, and it is the true one', () => {
    const entries = map('Fp1-F3 F3-C3 C3-Cz Cz-C4');
    const { at, recorded } = simulate(entries, 3);
    const { rows } = deriveMontage(byId('average'), entries);
    const mean = ['Fp1', 'F3', 'C3', 'Cz', 'C4'].reduce((sum, site) => sum + at(site) / 5, 0);
    for (const [i, row] of rows.entries())
      expect(applyMontage(rows, recorded)[i]![0]).toBeCloseTo(at(row.label.split('-')[0]!) - mean, 3);
  });
});

describe('every montage of every file', () => {
  it('shows the difference its label promises, whatever the recording’s reference was', () => {
    let checked = 0;
    for (const [seed, { cases, scheme }] of labelFiles.entries()) {
      const entries = suggestChannelMap(cases.map(({ label }) => channel(label)));
      const { at, recorded } = simulate(
        entries.map((entry) => ({ ...entry, reference: entry.reference ?? 'REF' })),
        seed,
      );
      for (const montage of montages.filter(
        ({ scheme }) => scheme.type === 'chains' || scheme.type === 'reference',
      )) {
        const { rows } = deriveMontage(montage, entries, { others: false });
        const drawn = applyMontage(rows, recorded);
        for (const [i, row] of rows.entries()) {
          if (row.missing) continue;
          const [a, b] = row.label.split('-') as [string, string];
          expect(Math.abs(drawn[i]![0]! - (at(a) - at(b))), `${scheme}: ${row.label}`).toBeLessThan(1e-3);
          checked++;
        }
      }
    }
    expect(checked).toBeGreaterThan(300);
  });

  it('never draws a missing row, and never leaves the reference in', () => {
    for (const { cases } of labelFiles) {
      const entries = suggestChannelMap(cases.map(({ label }) => channel(label)));
      for (const montage of montages)
        for (const row of deriveMontage(montage, entries, { others: false }).rows)
          expect(row.weights.length === 0, row.label).toBe(row.missing !== undefined);
    }
  });

  it('has the digits 1 to 9, each once', () => {
    expect(
      montages
        .flatMap(({ key }) => key ?? [])
        .sort()
        .join(''),
    ).toBe('123456789');
    expect(new Set(montages.map(({ id }) => id)).size).toBe(montages.length);
    expect(montageById('nothing')).toBeNull();
  });
});

describe('custom derivations', () => {
  const custom = (weights: Record<string, number>): Montage => ({
    id: 'mine',
    name: 'Mine',
    key: null,
    scheme: { type: 'custom', rows: [{ label: 'F4 − ½(A1+A2)', weights }] },
  });
  const entries = map('F4 F3 C3 Cz C4 A1 A2');

  it('weighs sites', () => {
    const { rows } = deriveMontage(custom({ F4: 1, A1: -0.5, A2: -0.5 }), entries);
    expect(dense(rows[0]!, 7)).toEqual([1, 0, 0, 0, 0, -0.5, -0.5]);
    expect(rows[0]!.hemisphere).toBe('midline');
  });

  it('refuses weights that keep the reference in, and absent sites', () => {
    expect(deriveMontage(custom({ F4: 1, A1: -0.5 }), entries).refusal).toContain('add up to 0.5');
    expect(deriveMontage(custom({ F4: 1, O1: -1 }), entries).refusal).toContain('O1 is not recorded');
    expect(deriveMontage(custom({}), entries).refusal).toContain('no sites');
  });
});

describe('arithmetic', () => {
  it('passes NaN through to every row that uses it, and to no other', () => {
    const { rows } = deriveMontage(byId('cz'), map('Fp1 C3 Cz'));
    const drawn = applyMontage(rows, [Float32Array.of(1, 2), Float32Array.of(NaN, 5), Float32Array.of(3, 4)]);
    expect([...drawn[0]!]).toEqual([-2, -2]);
    expect([...drawn[1]!]).toEqual([NaN, 1]);
  });

  it('keeps digits on a large offset', () => {
    const { rows } = deriveMontage(byId('average'), map(cap));
    const offset = 84000.125;
    const drawn = applyMontage(
      rows,
      cap.split(' ').map((_, i) => Float32Array.of(offset + i / 8)),
    );
    const shown = new Map(rows.map(({ label }, i) => [label, drawn[i]![0]!]));
    expect(shown.get('Fp1-AVG')).toBeCloseTo(-9 / 8, 4);
    expect(shown.get('O2-AVG')).toBeCloseTo(9 / 8, 4);
  });

  it('says which channel was not read, and refuses unequal lengths or rates', () => {
    const { rows } = deriveMontage(byId('cz'), map('Fp1 Cz'));
    expect(() => applyMontage(rows, [Float32Array.of(1)])).toThrow('needs channel 2');
    expect(() => applyMontage(rows, [Float32Array.of(1), Float32Array.of(1, 2)])).toThrow(
      'different lengths',
    );
    const mixed = suggestChannelMap([channel('Fp1'), channel('C3'), channel('Cz', { sfreqHz: 200 })]);
    const slow = deriveMontage(byId('cz'), mixed).rows[0]!;
    expect(slow.missing).toBe('its channels have different rates (256 and 200 Hz)');
  });

  it('shows all signals as recorded and the heart below other montages', () => {
    const entries = map('Fp1 F7 EKG Status - Cz');
    const recorded = deriveMontage(byId('as-recorded'), entries).rows;
    expect(labels(recorded)).toEqual(['Fp1', 'F7', 'EKG', 'Status', '-', 'Cz']);
    expect(labels(deriveMontage(byId('cz'), entries).rows)).toEqual(['Fp1-Cz', 'F7-Cz', 'EKG']);
  });
});
