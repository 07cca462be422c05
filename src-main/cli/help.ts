/** `--help`: verbs, then the flags of one verb, from the same schemas that check them. */
import type { Field } from '#shared/fields.ts';

export function helpForVerb(verb: string, summary: string, fields: readonly Field[]): string {
  const lines = fields.map((field) => {
    const value =
      field.kind === 'boolean'
        ? ''
        : field.choices.length > 0 && field.kind === 'choice'
          ? ` ${field.choices.join('|')}`
          : ` ${field.kind === 'list' ? 'A,B' : field.kind === 'text' ? 'TEXT' : 'N'}`;
    const facts = [
      field.description,
      field.kind === 'list' && field.choices.length > 0 && `any of ${field.choices.join(', ')}`,
      field.unit && `in ${field.unit}`,
      field.default !== undefined && field.default !== '' && `default ${JSON.stringify(field.default)}`,
    ].filter(Boolean);
    return (
      `  --${field.flag}${value}`.padEnd(34) +
      [field.title === field.name ? '' : `${field.title}.`, facts.join(' · ')].filter(Boolean).join(' ')
    );
  });
  return [
    `limbeck ${verb}`,
    `  ${summary}`,
    '',
    ...lines,
    '  --study DIR  --json  --quiet  --engine auto|tensorflow|webgpu|wasm|cpu  --workers N  --inline',
    '',
  ].join('\n');
}
