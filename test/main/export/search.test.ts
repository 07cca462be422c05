import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createIdentifierSearch } from '#main/export/identifier-search.ts';
import { needlesOf } from '#main/export/needles.ts';
import { namePseudonyms } from '#main/export/pseudonyms.ts';
import { createRandom } from '#shared/random.ts';

const search = (identifiers: string[], deliberate: string[] = []) =>
  createIdentifierSearch(needlesOf(identifiers, deliberate).needles);
const encode: Record<string, (text: string) => Buffer> = {
  'UTF-8': (text) => Buffer.from(text, 'utf8'),
  'Latin-1': (text) => Buffer.from(text, 'latin1'),
  'UTF-16': (text) => Buffer.from(text, 'utf16le'),
  'UTF-32': (text) => Buffer.from(Uint32Array.from(Array.from(text, (c) => c.codePointAt(0)!)).buffer),
};

/** Random bytes as EEG leaves them. */
function noise(bytes: number): Buffer {
  const random = createRandom(2);
  return Buffer.from(Float32Array.from({ length: bytes / 4 }, () => 40 * random.normal()).buffer);
}

describe('the search for names', () => {
  const planted: [string, string][] = [
    ['MCH-0234567 F 02-MAY-1951 Haagse_Harry', 'seen by Haagse on a ward of ours'],
    ['MCH-0234567 F 02-MAY-1951 Haagse_Harry', 'born 02-MAY-1951 in the north'],
    ['MCH-0234567 F 02-MAY-1951 Haagse_Harry', 'number 0234567, as written down'],
    ['MCH-0234567 F 02-MAY-1951 Haagse_Harry', 'birth date 1951-05-02, they say'],
    ['Jürgen Müller', 'Herr MÜLLER war heute sehr ruhig'],
    ['Jürgen Müller', 'Mr Muller was rather calm'],
    ['/home/schwester.agathe/Haagse_Harry.edf', 'opened by agathe on a Tuesday'],
    ['2019-03-12T14:33:05', 'recorded on 12.03.19 in the evening'],
    ['2019-03-12T14:33:05', '"createdAt": "2019-03-12T14:33:05Z"'],
    ['2019-03-12T14:33:05', 'see folder 20190312 for the rest'],
    ['Anna', 'this was Anna, I believe'],
  ];

  it.each(
    planted.flatMap(([identifier, text]) => Object.keys(encode).map((name) => [identifier, text, name])),
  )('of %s finds it in “%s” written as %s', (identifier, text, encoding) => {
    const around = noise(4096);
    const content = Buffer.concat([around, encode[encoding!]!(text!), around]);
    expect(search([identifier!]).bytes(content).length).toBeGreaterThan(0);
  });

  it('finds nothing in signals, hashes and ordinary words', () => {
    const names = planted.map(([identifier]) => identifier);
    expect(search(names).bytes(noise(4 << 20))).toEqual([]);
    expect(search(['decade', '0234567']).bytes(Buffer.from('9adecade0 0.0234567 1,0.0234567\r\n'))).toEqual(
      [],
    );
    expect(
      search(['rest recording.edf', 'calm'], ['Calm']).bytes(Buffer.from('rest, recording: calm')),
    ).toEqual([]);
  });

  it('says how many parts were too short or too ordinary to look for', () => {
    const { texts, passedOver } = needlesOf(['S1', 'rest.edf', 'Harry'], []);
    expect([...texts]).toEqual(['rest.edf', 'Harry']);
    expect(passedOver).toBe(3);
  });

  it('finds in files what lies across the pieces it reads', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'limbeck-search-')), 'large.bin');
    const text = Buffer.from('Haagse_Harry', 'utf16le');
    const content = noise(9 << 20);
    for (const at of [(4 << 20) - 7, (8 << 20) - 23]) text.copy(content, at);
    writeFileSync(path, content);
    const found = await search(['Haagse_Harry']).file(path);
    expect([
      ...new Set(found.filter(({ needle }) => needle.text === 'Haagse_Harry').map(({ offset }) => offset)),
    ]).toEqual([(4 << 20) - 7, (8 << 20) - 23]);
  });
});

describe('new names', () => {
  it('follow no order of the old ones and differ for everybody', () => {
    const subjects = Array.from({ length: 50 }, (_, i) => `patient ${String(i).padStart(2, '0')}`);
    const { subjects: key } = namePseudonyms({ subjects, recordings: [] }, createRandom(0));
    const given = subjects.map((name) => key[name]!);
    expect(new Set(given).size).toBe(50);
    expect(given).not.toEqual([...given].sort());
    expect([...given].sort()[0]).toBe('S-001');
  });

  it('take another letter where the study uses such names itself', () => {
    const { subjects } = namePseudonyms({ subjects: ['S-001', 'S-002'], recordings: ['x'] }, createRandom(0));
    expect(Object.values(subjects).sort()).toEqual(['P-001', 'P-002']);
  });
});
