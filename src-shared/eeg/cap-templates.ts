/** Caps whose inputs are only numbered: which scalp site each input is. */
import { canonicalSite } from './electrodes.ts';

export interface CapTemplate {
  id: string;
  name: string;
  /** Sites in the order of the amplifier's inputs. */
  sites: readonly string[];
}

const sites = (text: string): readonly string[] => text.trim().split(/\s+/);

/** The makers' own orders. BioSemi's are those of its cap coordinate sheets: bank A holds inputs 1–32, B 33–64. */
export const capTemplates: readonly CapTemplate[] = [
  {
    id: 'biosemi-16',
    name: 'BioSemi, 16 sites',
    sites: sites('Fp1 Fp2 F4 Fz F3 T7 C3 Cz C4 T8 P4 Pz P3 O1 Oz O2'),
  },
  {
    id: 'biosemi-32',
    name: 'BioSemi, 32 sites',
    sites: sites(
      'Fp1 AF3 F7 F3 FC1 FC5 T7 C3 CP1 CP5 P7 P3 Pz PO3 O1 Oz O2 PO4 P4 P8 CP6 CP2 C4 T8 FC6 FC2 F4 F8 AF4 Fp2 Fz Cz',
    ),
  },
  {
    id: 'biosemi-64',
    name: 'BioSemi, 64 sites',
    sites: sites(`
      Fp1 AF7 AF3 F1 F3 F5 F7 FT7 FC5 FC3 FC1 C1 C3 C5 T7 TP7 CP5 CP3 CP1 P1 P3 P5 P7 P9 PO7 PO3 O1 Iz Oz POz Pz CPz
      Fpz Fp2 AF8 AF4 AFz Fz F2 F4 F6 F8 FT8 FC6 FC4 FC2 FCz Cz C2 C4 C6 T8 TP8 CP6 CP4 CP2 P2 P4 P6 P8 P10 PO8 PO4 O2
    `),
  },
  {
    id: 'openbci-8',
    name: 'OpenBCI, 8 sites as in its guide',
    sites: sites('Fp1 Fp2 C3 C4 P7 P8 O1 O2'),
  },
];

/**
 * Sites of numbered labels under a template: 'A1' and 'B1' by bank of 32, 'EEG 007', 'E7' or 'ch7' by number (from 0 when
 * the file counts from 0).
 *
 * @returns label → site for every label the template covers
 */
export function capAnswers(template: CapTemplate, labels: readonly string[]): Record<string, string> {
  const numbered = labels.flatMap((label) => {
    const match = /^(?:.*[^A-Z0-9])?([A-Z]*?) ?0*(\d+)$/i.exec(label.trim());
    return match ? [{ label, bank: match[1]!.toUpperCase(), number: Number(match[2]) }] : [];
  });
  const banked = numbered.some(({ bank }) => bank === 'A');
  const base = !banked && numbered.some(({ number }) => number === 0) ? 0 : 1;
  return Object.fromEntries(
    numbered.flatMap(({ label, bank, number }) => {
      const offset = banked ? (bank.length === 1 ? (bank.charCodeAt(0) - 65) * 32 : NaN) : 0;
      const site = number - base < 32 || !banked ? template.sites[offset + number - base] : undefined;
      return site && canonicalSite(site) === site ? [[label, site]] : [];
    }),
  );
}
