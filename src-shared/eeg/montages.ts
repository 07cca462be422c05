/** The montages offered: derivations as data, in reading order. */

/** A run of neighbours; each link is one derivation, first minus second. */
export interface ChainGroup {
  group: string;
  chain: readonly string[];
}

export type MontageScheme =
  | { type: 'as-recorded' }
  /** Every good scalp site minus the mean of all. */
  | { type: 'average' }
  /** Every scalp site minus the mean of the first set whose sites are all there. */
  | { type: 'reference'; minus: readonly (readonly string[])[] }
  | { type: 'chains'; order: 'groups' | 'alternating'; groups: readonly ChainGroup[] }
  /** Every site minus its near neighbours, weighted by the inverse of the distance (Hjorth 1975). */
  | { type: 'laplacian'; count: number; maxDegrees: number }
  | { type: 'custom'; rows: readonly { label: string; weights: Readonly<Record<string, number>> }[] };

export interface Montage {
  id: string;
  name: string;
  /** Digit key; null: in the menu only. */
  key: string | null;
  scheme: MontageScheme;
}

const chain = (group: string, sites: string): ChainGroup => ({ group, chain: sites.split(' ') });

const leftTemporal = chain('left temporal', 'Fp1 F7 T7 P7 O1');
const rightTemporal = chain('right temporal', 'Fp2 F8 T8 P8 O2');
const leftParasagittal = chain('left parasagittal', 'Fp1 F3 C3 P3 O1');
const rightParasagittal = chain('right parasagittal', 'Fp2 F4 C4 P4 O2');
const midline = chain('midline', 'Fz Cz Pz');

/** ACNS guideline 3 (2016) and the orders in use on either side of the Atlantic. */
export const montages: readonly Montage[] = [
  { id: 'as-recorded', name: 'As recorded', key: '1', scheme: { type: 'as-recorded' } },
  {
    id: 'banana',
    name: 'Double banana',
    key: '2',
    scheme: {
      type: 'chains',
      order: 'groups',
      groups: [leftTemporal, rightTemporal, leftParasagittal, rightParasagittal, midline],
    },
  },
  { id: 'average', name: 'Average reference', key: '3', scheme: { type: 'average' } },
  {
    id: 'transverse',
    name: 'Transverse bipolar',
    key: '4',
    scheme: {
      type: 'chains',
      order: 'groups',
      groups: [
        chain('frontopolar', 'F7 Fp1 Fp2 F8'),
        chain('frontal', 'F7 F3 Fz F4 F8'),
        chain('central', 'T7 C3 Cz C4 T8'),
        chain('parietal', 'P7 P3 Pz P4 P8'),
        chain('occipital', 'P7 O1 O2 P8'),
      ],
    },
  },
  {
    id: 'circumferential',
    name: 'Circumferential (hat band)',
    key: '5',
    scheme: {
      type: 'chains',
      order: 'groups',
      groups: [
        chain('left', 'O1 P7 T7 F7 Fp1'),
        chain('front', 'Fp1 Fp2'),
        chain('right', 'Fp2 F8 T8 P8 O2'),
        chain('back', 'O2 O1'),
      ],
    },
  },
  { id: 'cz', name: 'Cz reference', key: '6', scheme: { type: 'reference', minus: [['Cz']] } },
  {
    id: 'linked-ears',
    name: 'Linked ears or mastoids',
    key: '7',
    scheme: { type: 'reference', minus: [['A1+A2'], ['A1', 'A2'], ['M1+M2'], ['M1', 'M2']] },
  },
  {
    id: 'laplacian',
    name: 'Laplacian (Hjorth)',
    key: '8',
    scheme: { type: 'laplacian', count: 4, maxDegrees: 60 },
  },
  {
    id: 'banana-alternating',
    name: 'Double banana, sides in turn',
    key: '9',
    scheme: {
      type: 'chains',
      order: 'alternating',
      groups: [leftTemporal, rightTemporal, leftParasagittal, rightParasagittal, midline],
    },
  },
  {
    id: 'banana-european',
    name: 'Double banana, right above left',
    key: null,
    scheme: {
      type: 'chains',
      order: 'groups',
      groups: [rightTemporal, leftTemporal, rightParasagittal, leftParasagittal, midline],
    },
  },
];

export function montageById(id: string): Montage | null {
  return montages.find((montage) => montage.id === id) ?? null;
}
