import { describe, expect, it } from 'vitest';
import { toCommand, verbSchemas } from '#shared/command.ts';
import { fieldsOf, type Field } from '#shared/fields.ts';
import { jobInput, type JobInput } from '#shared/job-input.ts';
import { jobKinds, type JobKind } from '#shared/jobs.ts';
import { exportCard, exportFormats } from '#shared/params/export.ts';
import { createRandom, type Random } from '#shared/random.ts';
import { optionsOfVerb, readWords, requestOf } from '#main/cli/arguments.ts';
import { UsageError } from '#main/cli/verb.ts';

/** As a shell cuts a line into words; single quotes only, as toCommand writes them. */
function shellWords(line: string): string[] {
  return (line.match(/(?:'[^']*'|\\'|[^\s'\\])+/g) ?? []).map((word) =>
    word.replace(/'([^']*)'|\\'/g, (whole, inside: string | undefined) => inside ?? whole.slice(1)),
  );
}

function parse(line: string): JobInput {
  const [, kind, ...words] = shellWords(line) as [string, JobKind, ...string[]];
  const { values, rest } = readWords(words, optionsOfVerb(kind));
  return requestOf(kind, values, rest);
}

/** Names as people give them: with commas, quotes, dashes, spaces at the ends. */
const names = ['calm', 'sad, tired', '"so-so"', ' spaced ', '-1', "o'clock", 'Trauer, „still“', 'a""b', ','];
const anyNames = (random: Random) =>
  [...random.permutation(names.length)].slice(0, 3).map((at) => names[at]!);

/** Any value that the schema allows. */
function anyValue(field: Field, random: Random): unknown {
  switch (field.kind) {
    case 'boolean':
      return random.next() < 0.5;
    case 'choice':
      return field.choices[random.below(field.choices.length)];
    case 'integer':
    case 'number': {
      const low = field.minimum ?? -5;
      const high = Math.min(field.maximum ?? 50, low + 100);
      const value = low + random.next() * (high - low);
      return field.kind === 'integer' ? Math.round(value) : Number(value.toFixed(4));
    }
    default:
      return undefined;
  }
}

function anyCard(random: Random): Record<string, string> {
  const texts = ['CC BY 4.0', "The ward's own, 2024", '- none\nsecond line', '{"a": 1}', 'Größe „M“'];
  return Object.fromEntries(
    fieldsOf(exportCard).flatMap(({ name }) =>
      random.next() < 0.5 ? [] : [[name, texts[random.below(texts.length)]!]],
    ),
  );
}

function anyRequest(kind: JobKind, random: Random): JobInput {
  const { params } = verbSchemas[kind];
  const fields = params ? fieldsOf(params) : [];
  const own = Object.fromEntries(
    fields.flatMap((field) => {
      const value = random.next() < 0.5 ? undefined : anyValue(field, random);
      return value === undefined ? [] : [[field.name, value]];
    }),
  );
  const what = (['subset', 'model', 'report'] as const)[random.below(3)]!;
  return jobInput.parse({
    kind,
    ...(kind === 'import' ? { paths: ['/archive/ward 3', "/archive/o'brien"], dataset: 'Ward 3' } : {}),
    ...(kind === 'prepare' ? { datasets: anyNames(random) } : {}),
    ...(kind === 'finetune' ? { model: 'P-0123456789', labels: anyNames(random) } : {}),
    ...(kind === 'import'
      ? {}
      : {
          params: {
            ...own,
            ...(kind === 'calibrate' ? { subject: 'Film clips/F 01' } : {}),
            ...(kind === 'export'
              ? {
                  what,
                  formats: [...exportFormats[what]],
                  out: '/tmp/to here',
                  card: anyCard(random),
                }
              : {}),
          },
        }),
  });
}

describe('a line of the command line', () => {
  it.each(jobKinds)('that a wizard shows for %s asks for the very same', (kind) => {
    for (let seed = 0; seed < 60; seed++) {
      const request = anyRequest(kind, createRandom(seed).fork(kind));
      const line = toCommand('/studies/my study', request);
      expect(parse(line), line).toEqual(request);
    }
  });

  it('gives the defaults of the schema where it says nothing', () => {
    expect(parse('limbeck distill --study D')).toEqual(jobInput.parse({ kind: 'distill' }));
    expect(parse('limbeck prepare --study D')).toEqual(jobInput.parse({ kind: 'prepare' }));
  });

  it('understands the other names that its contract promises', () => {
    expect(parse('limbeck pretrain --study D --epochs 7')).toMatchObject({ params: { passes: 7 } });
    expect(parse('limbeck export --study D --what subset --format npz,edf --out X')).toMatchObject({
      params: { formats: ['npz', 'edf'] },
    });
  });

  it('takes a list with commas, with quotes around names that hold one, or with the flag repeated', () => {
    for (const line of [
      `limbeck finetune --study D --labels '"sad, tired",joy'`,
      `limbeck finetune --study D --labels '"sad, tired"' --labels joy`,
      `limbeck finetune --study D --labels ' "sad, tired" , joy,, '`,
    ])
      expect(parse(line), line).toMatchObject({ labels: ['sad, tired', 'joy'] });
    expect(parse('limbeck export --study D --what subset --format npz --format edf --out X')).toMatchObject({
      params: { formats: ['npz', 'edf'] },
    });
  });

  it('lets a flag of the card go before the file that holds all of it', () => {
    const { values } = readWords(
      ['--study', 'D', '--what', 'model', '--format', 'safetensors', '--out', 'X', '--card-title', 'Mine'],
      optionsOfVerb('export'),
    );
    expect(requestOf('export', values, [], { title: 'Theirs', licence: 'CC0-1.0' })).toMatchObject({
      params: { card: { title: 'Mine', licence: 'CC0-1.0' } },
    });
  });

  it('takes a negative number after its flag', () => {
    expect(parse('limbeck pretrain --study D --seed -7')).toMatchObject({ params: { seed: -7 } });
    expect(parse('limbeck pretrain --study D --seed=-7')).toMatchObject({ params: { seed: -7 } });
  });

  it.each([
    ['prepare --study D --low-pass-hz 5', '--low-pass-hz takes a number from 10 to 200, not 5.'],
    ['prepare --study D --notch-hz 55', '--notch-hz takes 0, 50, 60, not 55.'],
    ['distill --study D --bins -3', '--bins takes auto or a whole number from 1 to 1000, not -3.'],
    ['distill --study D --seed 1.5', '--seed takes a whole number, not 1.5.'],
    ['pretrain --study D --learning-rate 0', '--learning-rate takes a number above 0 and at most 1, not 0.'],
    [
      'pretrain --study D --samples-per-pass many',
      '--samples-per-pass takes a whole number from 0 to 10000000, not many.',
    ],
    ['finetune --study D --split fold', '--split takes subject, trial, window, not fold.'],
    ['calibrate --study D', '--subject is missing: it takes a text (subject).'],
    [
      'export --study D --what model --format onnx --out X',
      '--formats takes one or more of npz, parquet, edf, safetensors, html, with commas between, not onnx.',
    ],
    ['prepare --study', '--study needs a value after it; one that begins with a dash is written --study=-….'],
    ['prepare --study D --json=yes', '--json takes no value; leave out what follows the "=".'],
    [
      'prepare --study D --windows 4',
      'There is no flag --windows here. Did you mean --window-s? Add --help to see all of them.',
    ],
  ])('says what a flag takes: %s', (line, words) => {
    expect(() => parse(`limbeck ${line}`)).toThrow(new UsageError(words));
  });

  it.each([
    [`limbeck finetune --study D --labels '"sad, tired,joy'`, '--labels'],
    [
      `limbeck export --study D --what model --format safetensors --out X --card-title ${'x'.repeat(201)}`,
      '--card-title',
    ],
    ['limbeck export --study D --what model --format safetensors --out X --card-owner me', '--card-owner'],
    ['limbeck distill --study D --keep 0', '--keep'],
    ['limbeck distill --study D --keep much', '--keep'],
    ['limbeck distill --study D --method magic', 'k-center'],
    ['limbeck prepare --study D --notch-hz 55', '--notch-hz'],
    ['limbeck prepare --study D --window-s', '--window-s'],
    ['limbeck finetune --study D --split recording', 'subject, trial, window'],
    ['limbeck export --study D --what subset --format onnx --out X', '--formats'],
    ['limbeck export --study D --what subset --format npz', '--out'],
    ['limbeck calibrate --study D', '--subject'],
    ['limbeck prepare --study D --no-such-flag 1', 'no-such-flag'],
    ['limbeck pretrain --study D --workers many', '--workers'],
    ['limbeck pretrain --study D --engine abacus', '--engine'],
  ])('is refused when wrong, naming the flag: %s', (line, named) => {
    expect(() => parse(line)).toThrow(UsageError);
    expect(() => parse(line)).toThrow(named);
  });
});
