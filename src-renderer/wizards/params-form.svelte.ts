/** The values of one parameter schema while a person edits them: presets, changed dots, typed text and what is wrong with it. */
import type * as z from 'zod';
import { fieldsOf, fromText, type Field } from '#shared/fields.ts';
import { figure } from '../words.ts';

export interface Preset<Params> {
  id: string;
  text: string;
  help: string;
  /** What differs from the defaults of the schema. */
  values: Partial<Params>;
}

/** Shares are typed and shown in per cent. */
const shares = new Set(['keep', 'orderUpTo', 'outliers', 'holdOut', 'warmUp', 'badChannelShare']);

export function isShare(field: Pick<Field, 'name'>): boolean {
  return shares.has(field.name);
}

/** How a value stands in its field: '5' for a share of 0.05, 'auto', '1e-4'. */
export function fieldText(field: Field, value: unknown): string {
  if (isShare(field) && typeof value === 'number') return String(Number((value * 100).toPrecision(10)));
  if (Array.isArray(value)) return value.join(', ');
  return String(value ?? '');
}

/** Reads what was typed; a comma counts as a point in a number. @returns the value, or what is wrong in words */
export function parseField(field: Field, text: string): { value: unknown } | { problem: string } {
  const typed = text.trim();
  if (field.choices.some((choice) => String(choice) === typed)) return { value: fromText(field, typed) };
  if (field.kind !== 'number' && field.kind !== 'integer') return { value: fromText(field, typed) };
  const bare = typed.replace(/\s*%$/, '').replace(',', '.');
  const share = isShare(field);
  const unit = share ? ' %' : field.unit ? ` ${field.unit}` : '';
  const also = field.choices.length > 0 ? `, or ${field.choices.join(' or ')}` : '';
  if (bare === '' || Number.isNaN(Number(bare))) return { problem: `A number is needed here${also}.` };
  const value = share ? Number((Number(bare) / 100).toPrecision(12)) : Number(bare);
  if (field.kind === 'integer' && !Number.isInteger(value))
    return { problem: 'A whole number is needed here.' };
  const shown = (limit: number): string => `${figure(share ? limit * 100 : limit, 6)}${unit}`;
  if (field.minimum !== null && value < field.minimum)
    return { problem: `At least ${shown(field.minimum)}.` };
  if (field.maximum !== null && value > field.maximum) return { problem: `At most ${shown(field.maximum)}.` };
  return { value };
}

export class ParamsForm<Params extends object> {
  readonly fields: readonly Field[];
  readonly presets: readonly Preset<Params>[];
  preset = $state('');
  #values = $state.raw<Record<string, unknown>>({});
  /** What stands in a field and could not be read. */
  #drafts = $state.raw<Record<string, { text: string; problem: string }>>({});
  readonly #schema: z.ZodType<Params> & z.ZodObject;

  /** Starts with the preset that is the schema's own defaults. @param start what the schema does not know by itself: a required field's first value */
  constructor(
    schema: z.ZodType<Params> & z.ZodObject,
    presets: readonly Preset<Params>[] = [],
    start: Partial<Params> = {},
  ) {
    this.#schema = schema;
    this.fields = fieldsOf(schema);
    this.presets = presets;
    const defaults = Object.fromEntries(this.fields.map(({ name, default: value }) => [name, value]));
    const asSchema = presets.find(({ values }) =>
      Object.entries(values).every(([name, value]) => defaults[name] === value),
    );
    this.preset = (asSchema ?? presets[0])?.id ?? '';
    this.#values = { ...this.presetValues, ...start };
  }

  get values(): Params {
    // Every value was read by `parseField` or comes from the schema itself; the schema judges the whole once more.
    return this.#schema.parse(this.#values);
  }

  get presetValues(): Record<string, unknown> {
    const chosen = this.presets.find(({ id }) => id === this.preset);
    return {
      ...Object.fromEntries(this.fields.map(({ name, default: value }) => [name, value])),
      ...chosen?.values,
    };
  }

  field(name: keyof Params & string): Field {
    const found = this.fields.find((field) => field.name === name);
    if (!found) throw new TypeError(`The schema has no field ${name}.`);
    return found;
  }

  get(name: string): unknown {
    return this.#values[name];
  }

  set(name: string, value: unknown): void {
    this.#values = { ...this.#values, [name]: value };
    this.#forget(name);
  }

  /** The text in a field: what was typed while it cannot be read, else the value. */
  text(field: Field): string {
    return this.#drafts[field.name]?.text ?? fieldText(field, this.#values[field.name]);
  }

  type(field: Field, text: string): void {
    const read = parseField(field, text);
    if ('problem' in read) this.#drafts = { ...this.#drafts, [field.name]: { text, problem: read.problem } };
    else this.set(field.name, read.value);
  }

  problem(name: string): string | null {
    return this.#drafts[name]?.problem ?? null;
  }

  /** 'Keep: At most 100 %.' for every field that cannot be read. */
  get problems(): { name: string; text: string }[] {
    return this.fields.flatMap(({ name, title }) => {
      const draft = this.#drafts[name];
      return draft ? [{ name, text: `${title}: ${draft.problem}` }] : [];
    });
  }

  changed(name: string): boolean {
    return JSON.stringify(this.#values[name]) !== JSON.stringify(this.presetValues[name]);
  }

  reset(name: string): void {
    this.set(name, this.presetValues[name]);
  }

  /** Puts every field that a preset speaks of where the preset wants it; what a person chose besides stays. */
  choose(preset: string): void {
    const before = this.presetValues;
    this.preset = preset;
    const after = this.presetValues;
    const moved = this.fields.filter(
      ({ name }) =>
        JSON.stringify(this.#values[name]) === JSON.stringify(before[name]) ||
        JSON.stringify(before[name]) !== JSON.stringify(after[name]),
    );
    this.#values = { ...this.#values, ...Object.fromEntries(moved.map(({ name }) => [name, after[name]])) };
    for (const { name } of moved) this.#forget(name);
  }

  #forget(name: string): void {
    if (!(name in this.#drafts)) return;
    const { [name]: _, ...rest } = this.#drafts;
    this.#drafts = rest;
  }
}
