import { describe, expect, it } from 'vitest';
import type { RecordingRow } from '#shared/views.ts';
import {
  codeWords,
  findingCell,
  headline,
  inState,
  matches,
  spreadQuality,
  states,
  subjectName,
} from '#renderer/recordings/recording-words.ts';

const row: RecordingRow = {
  id: 'a',
  file: 'EEG_0104.edf',
  group: 'ward',
  subject: 'ward/S-001',
  format: 'EDF',
  bytes: 1,
  startedAt: null,
  durationS: 1200,
  sfreqHz: [256],
  channels: 21,
  mapped: 21,
  questions: 0,
  labels: 0,
  gaps: 0,
  status: 'ok',
  duplicateOf: null,
  findings: [],
  quality: [],
};
const finding = {
  code: 'record-count-missing',
  severity: 'warning' as const,
  where: 'Header byte 236',
  effect: 'Other programs refuse the file',
  remedy: 'Nothing',
};

describe('recordings in words', () => {
  it('are in every filter that fits and no other', () => {
    const fits = (change: Partial<RecordingRow>) =>
      states.filter((state) => inState({ ...row, ...change }, state));
    expect(fits({})).toEqual(['all', 'unlabelled']);
    expect(fits({ findings: [finding], questions: 2, labels: 3 })).toEqual(['all', 'findings', 'confirm']);
    expect(fits({ findings: [{ ...finding, severity: 'info' }], labels: 1 })).toEqual(['all']);
    expect(fits({ duplicateOf: 'b' })).toEqual(['all', 'twice', 'unlabelled']);
    expect(fits({ status: 'unusable', duplicateOf: 'b' })).toEqual(['all', 'unusable']);
  });

  it('are found by file, subject and the words of their findings', () => {
    const odd = { ...row, findings: [finding] };
    expect(matches(odd, 'eeg_01')).toBe(true);
    expect(matches(odd, 'record missing')).toBe(true);
    expect(matches(row, 'record missing')).toBe(false);
  });

  it('name the worst finding first and count the rest', () => {
    expect(findingCell(row).text).toBe('None');
    expect(
      findingCell({
        ...row,
        findings: [
          { ...finding, severity: 'info' },
          { ...finding, code: 'not-eeg', severity: 'error' },
        ],
      }),
    ).toEqual({ level: 'error', text: 'Not EEG, 1 more' });
    expect(findingCell({ ...row, duplicateOf: 'b' }).text).toBe('Same content as another file');
    expect(findingCell({ ...row, duplicateOf: 'b' }, true).text).toBe('Repaired copy');
    expect(codeWords('record-count-missing')).toBe('Record count missing');
  });

  it('count a file that is there twice once', () => {
    expect(headline([row, { ...row, id: 'b', duplicateOf: 'a' }], [])).toContain(
      '2 recordings of 1 subject, 20 min',
    );
  });

  it('leave the group out of the subject’s name', () => {
    expect(subjectName(row)).toBe('S-001');
    expect(subjectName({ group: 'x', subject: 'S-1' })).toBe('S-1');
  });

  it('fill between judged columns but leave real gaps open', () => {
    expect(spreadQuality([0, null, 1, null, 0, null])).toEqual([0, 0, 1, 1, 0, 0]);
    expect(
      spreadQuality([0, 0, 0, null, null, null, null, 0, 0]).filter((value) => value === null).length,
    ).toBeGreaterThan(1);
    expect(spreadQuality([null, null])).toEqual([null, null]);
  });
});
