/** Older and vendors' names of scalp sites, each with how sure we are and why. */

export type Certainty = 'certain' | 'likely' | 'ask';

export interface Alias {
  /** Canonical site; null when a person must choose among `options`. */
  site: string | null;
  certainty: Certainty;
  reason: string;
  options: readonly string[];
}

/** Looks up an upper-case token; null when it is no alias. */
export function aliasOf(upper: string): Alias | null {
  return table.get(upper) ?? null;
}

const older = (site: string): Alias => ({
  site,
  certainty: 'certain',
  reason: `older name for ${site}`,
  options: [],
});
/** A site of our own vocabulary that deserves a remark. */
const remark = (site: string, certainty: Certainty, reason: string): Alias => ({
  site,
  certainty,
  reason,
  options: [],
});
const question = (options: string[], reason: string): Alias => ({
  site: null,
  certainty: 'ask',
  reason,
  options,
});

const ear = 'ear lobe, usually a reference; its place is approximate';
const mastoid = 'mastoid, near TP9 or TP10; its place is approximate';
const cerebellar = 'a site with its own name below O1 and O2; its place is approximate';
const basal = 'an electrode below the scalp; its place is approximate';
const special = (side: string, number: string) =>
  question(
    [`T${number}`, side],
    `special temporal electrode near ${side}, not a 10-10 position; some laboratories use the name for another site`,
  );

/**
 * T5 and T6 are P7 and P8 (ACNS guideline 2, 2016). A widely copied table that says T9 and T10 contradicts its own coordinates.
 */
const table = new Map<string, Alias>([
  ['T3', older('T7')],
  ['T4', older('T8')],
  ['T5', older('P7')],
  ['T6', older('P8')],
  ['T1', special('FT9', '1')],
  ['T2', special('FT10', '2')],
  ['A1', remark('A1', 'likely', ear)],
  ['A2', remark('A2', 'likely', ear)],
  ['M1', remark('M1', 'likely', mastoid)],
  ['M2', remark('M2', 'likely', mastoid)],
  ['CB1', remark('CB1', 'certain', cerebellar)],
  ['CB2', remark('CB2', 'certain', cerebellar)],
  ['PG1', remark('Pg1', 'certain', basal)],
  ['PG2', remark('Pg2', 'certain', basal)],
  ['SP1', remark('Sp1', 'certain', basal)],
  ['SP2', remark('Sp2', 'certain', basal)],
  ['O9', question(['I1', 'PO9'], 'some caps write O9 for I1, others for a site near PO9')],
  ['O10', question(['I2', 'PO10'], 'some caps write O10 for I2, others for a site near PO10')],
  ['N1', question(['N1'], 'a rare 10-5 site beside the nasion; the same letters count inputs elsewhere')],
  ['N2', question(['N2'], 'a rare 10-5 site beside the nasion; the same letters count inputs elsewhere')],
  ['I1', remark('I1', 'likely', 'a rare 10-5 site beside the inion')],
  ['I2', remark('I2', 'likely', 'a rare 10-5 site beside the inion')],
]);
