import { describe, expect, it } from 'vitest';
import { distillParams } from '#shared/params/distill.ts';
import { fieldsOf } from '#shared/fields.ts';
import { ParamsForm, fieldText, parseField } from '#renderer/wizards/params-form.svelte.ts';
import { distillPresets } from '#renderer/wizards/presets.ts';

const form = () => new ParamsForm(distillParams, distillPresets);

describe('the values of a schema while they are edited', () => {
  it('starts with the defaults of the schema, nothing changed', () => {
    const fresh = form();
    expect(fresh.values).toEqual(distillParams.parse({}));
    expect(fresh.fields.filter(({ name }) => fresh.changed(name))).toEqual([]);
  });

  it('reads back every value as its field writes it', () => {
    for (const preset of distillPresets) {
      const values = distillParams.parse(preset.values) as Record<string, unknown>;
      for (const field of fieldsOf(distillParams).filter(({ kind }) => kind !== 'boolean'))
        expect(parseField(field, fieldText(field, values[field.name]))).toEqual({
          value: values[field.name],
        });
    }
  });

  it.each([
    ['keep', '5', 0.05],
    ['keep', '5 %', 0.05],
    ['keep', '0,5', 0.005],
    ['bins', 'auto', 'auto'],
    ['bins', '40', 40],
    ['seed', '-3', -3],
  ] as const)('understands %s typed as "%s"', (name, text, value) => {
    expect(parseField(form().field(name), text)).toEqual({ value });
  });

  it.each([
    ['keep', 'five', 'A number is needed here.'],
    ['keep', '', 'A number is needed here.'],
    ['keep', '101', 'At most 100 %.'],
    ['keep', '0', 'At least 0.1 %.'],
    ['passes', '1.5', 'A whole number is needed here.'],
    ['bins', 'many', 'A number is needed here, or auto.'],
  ] as const)('says in words what is wrong with %s typed as "%s"', (name, text, problem) => {
    expect(parseField(form().field(name), text)).toEqual({ problem });
  });

  it('keeps the last good value and the typed text while a field cannot be read', () => {
    const edited = form();
    const keep = edited.field('keep');
    edited.type(keep, '7');
    edited.type(keep, '7x');
    expect(edited.text(keep)).toBe('7x');
    expect(edited.values.keep).toBe(0.07);
    expect(edited.problems).toEqual([{ name: 'keep', text: 'Keep: A number is needed here.' }]);
    edited.reset('keep');
    expect(edited.problems).toEqual([]);
    expect(edited.text(keep)).toBe('5');
  });

  it('puts a dot on what differs from the preset, and only there', () => {
    const edited = form();
    edited.choose('published');
    expect(edited.values.preset).toBe('paper');
    expect(edited.changed('preset')).toBe(false);
    edited.set('seed', 7);
    expect(edited.fields.filter(({ name }) => edited.changed(name)).map(({ name }) => name)).toEqual([
      'seed',
    ]);
  });

  it('keeps what a person chose when the preset changes', () => {
    const edited = form();
    edited.set('seed', 7);
    edited.choose('balanced');
    expect(edited.values).toMatchObject({ seed: 7, preset: 'balanced' });
    edited.choose('quick');
    expect(edited.values).toEqual({ ...distillParams.parse({}), seed: 7 });
  });

  it('offers only presets that the schema accepts', () => {
    for (const { values } of distillPresets) expect(() => distillParams.parse(values)).not.toThrow();
  });
});
