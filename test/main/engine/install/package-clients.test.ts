import { describe, expect, it } from 'vitest';
import { reasonOf } from '#main/engine/install/package-clients.ts';

const ended = (stderr: string, status: number | null = 1) => ({ status, signal: null, stdout: '', stderr });

describe('what pip and npm complain of', () => {
  it('is the missing connection, also where they say something else last', () => {
    for (const text of [
      "WARNING: Retrying after connection broken by 'NewConnectionError'\nERROR: No matching distribution found for a==1",
      'npm error code ENOTFOUND\nnpm error A complete log of this run can be found in: x',
    ])
      expect(reasonOf(ended(text))).toBe('the package index cannot be reached');
  });

  it('is an index that answers with nothing, where pip speaks of versions', () => {
    expect(reasonOf(ended('ERROR: Could not find a==1 (from versions: none)\nERROR: No match'))).toMatch(
      /does not answer or list it/,
    );
  });

  it('is their last sentence without headings and advice', () => {
    expect(
      reasonOf(
        ended('ERROR: THESE PACKAGES DO NOT MATCH THE HASHES.\n\n[notice] A new release of pip is available'),
      ),
    ).toBe('THESE PACKAGES DO NOT MATCH THE HASHES');
    expect(reasonOf(ended('', 3))).toBe('it ended with 3');
    expect(reasonOf(undefined)).toBe('it ended with nothing');
  });
});
