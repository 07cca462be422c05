import { describe, expect, it } from 'vitest';
import { annotationLabels } from '#main/io/labels/annotations.ts';
import { bidsEntities, bidsEventsPath, parseBidsEvents, parseParticipants } from '#main/io/labels/bids.ts';
import { matchLabels } from '#main/io/labels/match.ts';
import { parseLabelTable } from '#main/io/labels/table.ts';

const recordings = [
  { id: 'r1', relativePath: 'a/rest.edf', durationS: 60 },
  { id: 'r2', relativePath: 'b/rest.edf', durationS: 60 },
  { id: 'r3', relativePath: 'b/Task.csv.gz', durationS: 100 },
];

describe('the label table', () => {
  it('accounts for every row: used, faulty or unmatched', () => {
    const text = [
      '\uFEFFrecording,start_s,end_s,label,subject,trial',
      'a/rest.edf,0,10,calm,S1,t1',
      'rest.edf,0,10,calm,S1,t1', // two files have that name
      'Task.csv.gz,5,,"angry, very",S2,',
      'task,10,20,angry,S2,',
      'nobody.edf,0,1,calm,,',
      'Task.csv.gz,x,1,calm,,',
      'Task.csv.gz,5,5,calm,,',
      'Task.csv.gz,5,8,,,',
      ',5,8,calm,,',
      'Task.csv.gz,100,120,calm,,',
      'Task.csv.gz,90,120,calm,,',
      '',
    ].join('\r\n');
    const { rows, problems } = parseLabelTable(text);
    expect(problems.map(({ line }) => line)).toEqual([7, 8, 9, 10]);
    const { spans, unmatched } = matchLabels(rows, recordings);
    expect(unmatched.map(({ line }) => line)).toEqual([3, 6, 11]);
    expect(spans).toEqual([
      { recording: 'r1', startS: 0, endS: 10, label: 'calm', subject: 'S1', trial: 't1' },
      { recording: 'r3', startS: 5, endS: 100, label: 'angry, very', subject: 'S2' },
      { recording: 'r3', startS: 10, endS: 20, label: 'angry', subject: 'S2' },
      { recording: 'r3', startS: 90, endS: 100, label: 'calm' },
    ]);
    expect(rows.length + problems.length).toBe(11);
    for (const { line, message } of [...problems, ...unmatched]) expect(message).toContain(`Line ${line}`);
  });

  it('reads semicolons with decimal commas and any order of columns', () => {
    const { rows, problems } = parseLabelTable('label;recording;end_s;start_s\nhappy;x.edf;2,5;0,5\n');
    expect(problems).toEqual([]);
    expect(rows).toEqual([{ line: 2, recording: 'x.edf', startS: 0.5, endS: 2.5, label: 'happy' }]);
  });

  it('refuses a table without its columns and names them', () => {
    expect(() => parseLabelTable('file,from,to,label\n')).toThrow(/"recording", "start_s", "end_s"/);
  });
});

describe('BIDS side files', () => {
  it('label by events, tell participants, and read names', () => {
    const path = 'sub-01/ses-2/eeg/sub-01_ses-2_task-rest_eeg.edf';
    expect(bidsEntities(path)).toEqual({ subject: '01', session: '2', task: 'rest' });
    expect(bidsEventsPath(path)).toBe('sub-01/ses-2/eeg/sub-01_ses-2_task-rest_events.tsv');
    const { rows, problems } = parseBidsEvents(
      'onset\tduration\ttrial_type\n0\t5\thappy\n5\t0\tsad\n6\t2\tn/a\n8\t2\tsad\n',
      path,
    );
    expect(
      rows.map(({ startS, endS, label, subject, session }) => [startS, endS, label, subject, session]),
    ).toEqual([
      [0, 5, 'happy', '01', '2'],
      [8, 10, 'sad', '01', '2'],
    ]);
    expect(problems.map(({ line }) => line)).toEqual([3, 4]);
    expect(parseParticipants('participant_id\tage\tsex\nsub-01\t34\tF\nsub-02\tn/a\tM\n')).toEqual(
      new Map([
        ['01', { age: '34', sex: 'F' }],
        ['02', { sex: 'M' }],
      ]),
    );
  });
});

describe('annotations as labels', () => {
  it('span their duration, or up to the next one, never past the end', () => {
    const spans = annotationLabels(
      'r',
      [
        { onsetS: 4, durationS: 0, text: 'T1' },
        { onsetS: 0, durationS: 3, text: 'T0' },
        { onsetS: 8, durationS: 9, text: 'T2' },
        { onsetS: 99, durationS: 1, text: 'T2' },
      ],
      10,
    );
    expect(spans.map(({ startS, endS, label }) => [startS, endS, label])).toEqual([
      [0, 3, 'T0'],
      [4, 8, 'T1'],
      [8, 10, 'T2'],
    ]);
  });
});
