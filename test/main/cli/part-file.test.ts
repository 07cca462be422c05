import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { partFromFile } from '#main/cli/part-file.ts';
import { temporaryFolder } from '../../make/edf-files.ts';

let folder: ReturnType<typeof temporaryFolder>;
let file: string;
beforeAll(() => {
  folder = temporaryFolder();
  file = join(folder.path, 'card.json');
});
afterAll(() => folder[Symbol.dispose]());

const cardOf = (text: string) => {
  writeFileSync(file, text);
  return partFromFile('export', { card: file });
};

describe('the card of an export from a file', () => {
  it('is what the file says, and nothing without one or for a verb that has none', async () => {
    const card = { title: 'Calm', licence: 'CC0-1.0', contact: 'lab@example.org' };
    expect(await cardOf(JSON.stringify(card))).toEqual(card);
    expect(await partFromFile('export', {})).toEqual({});
    expect(await partFromFile('distill', { card: file })).toEqual({});
  });

  it('is refused with a sentence for each wrong field', async () => {
    const wrong = { title: 7, licence: 'x'.repeat(201), owner: 'me' };
    await expect(cardOf(JSON.stringify(wrong))).rejects.toMatchObject({
      code: 'invalid-input',
      message: expect.stringMatching(
        /"title" takes a text\. "licence" takes at most 200 characters\. It has no field "owner"; its fields are title, .*contact\. Correct it/,
      ),
    });
    for (const text of ['[1]', 'null', '"title"'])
      await expect(cardOf(text), text).rejects.toMatchObject({
        code: 'invalid-input',
        message: expect.stringMatching(/an object with the fields title/),
      });
    await expect(cardOf('{title: }')).rejects.toMatchObject({
      code: 'invalid-input',
      message: expect.stringMatching(/is no JSON .*Write it as/),
    });
  });

  it('is refused when its file is not there or is a folder', async () => {
    for (const [path, code] of [
      [join(folder.path, 'gone.json'), 'not-found'],
      [folder.path, 'invalid-input'],
    ] as const)
      await expect(partFromFile('export', { card: path })).rejects.toMatchObject({
        code,
        message: expect.stringContaining(path),
      });
  });
});
