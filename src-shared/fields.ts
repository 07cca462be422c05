/** The fields of a parameter schema as plain data: what a form draws, a flag parses and `--help` prints. */
import * as z from 'zod';
import { splitList } from './list-text.ts';

export interface Field {
  /** Name in the schema: 'highPassHz'. */
  name: string;
  /** Name on the command line: 'high-pass-hz'. */
  flag: string;
  title: string;
  description: string;
  unit: string;
  kind: 'number' | 'integer' | 'text' | 'boolean' | 'choice' | 'list';
  /** What may be chosen; of a list, for each part of it. */
  choices: (string | number)[];
  minimum: number | null;
  maximum: number | null;
  default: unknown;
}

interface JsonSchema {
  properties?: Record<string, JsonSchema>;
  title?: string;
  description?: string;
  unit?: string;
  type?: string;
  enum?: (string | number)[];
  const?: string | number;
  anyOf?: JsonSchema[];
  items?: JsonSchema;
  default?: unknown;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
}

/** @param schema an object schema, e.g. `prepareParams`; nested objects are left out */
export function fieldsOf(schema: z.ZodObject): Field[] {
  const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
  return Object.entries(json.properties ?? {})
    .filter(([, property]) => property.type !== 'object' && property.const === undefined)
    .map(([name, property]) => toField(name, property));
}

export function toFlag(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function toField(name: string, property: JsonSchema): Field {
  const constants =
    property.anyOf?.flatMap((option) => (option.const === undefined ? [] : [option.const])) ?? [];
  const variants = property.anyOf?.filter((option) => option.const === undefined) ?? [];
  const numeric = [property, ...variants].find(
    (option) => option.type === 'number' || option.type === 'integer',
  );
  const choices = property.enum ?? property.items?.enum ?? constants;
  return {
    name,
    flag: toFlag(name),
    title: property.title ?? name,
    description: property.description ?? '',
    unit: property.unit ?? '',
    kind:
      property.type === 'boolean'
        ? 'boolean'
        : property.type === 'array'
          ? 'list'
          : choices.length > 0 && variants.length === 0
            ? 'choice'
            : numeric
              ? numeric.type === 'integer'
                ? 'integer'
                : 'number'
              : 'text',
    choices,
    minimum: numeric?.minimum ?? numeric?.exclusiveMinimum ?? null,
    maximum: numeric?.maximum ?? null,
    default: property.default,
  };
}

/** Turns the text of a flag into the value the schema expects; the schema still judges it. */
export function fromText(field: Field, text: string): unknown {
  if (field.kind === 'list') return splitList(text);
  const choice = field.choices.find((value) => String(value) === text);
  if (choice !== undefined) return choice;
  if (field.kind === 'number' || field.kind === 'integer')
    return text.trim() === '' ? text : Number(text.endsWith('%') ? Number(text.slice(0, -1)) / 100 : text);
  if (field.kind === 'boolean') return text !== 'false' && text !== 'no';
  return text;
}
