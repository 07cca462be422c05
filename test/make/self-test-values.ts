/**
 * Writes the values that engines are tested against, computed on the cpu engine.
 *
 *     node test/make/self-test-values.ts
 */
import { writeFileSync } from 'node:fs';
import { startEngine } from '#main/engine/engine.ts';
import { selfTestCases } from '#main/engine/self-test-cases.ts';
import { computeCase } from '#main/engine/self-test.ts';

await startEngine('cpu');
const lines: string[] = [];
for (const [name, compute] of Object.entries(selfTestCases))
  lines.push(`  ${JSON.stringify(name)}: [${(await computeCase(compute)).join(', ')}],`);
writeFileSync(
  new URL('../../src-main/engine/self-test-values.ts', import.meta.url),
  `/** What the cases of the self-test give, from test/make/self-test-values.ts on the cpu engine. */\nexport const selfTestValues: Record<string, number[]> = {\n${lines.join('\n')}\n};\n`,
);
