import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { evaluate } from '#main/evaluation/evaluate.ts';
import { planFolds } from '#main/evaluation/splits.ts';
import { exportModel } from '#main/export/export-model.ts';
import { exportReport } from '#main/export/export-report.ts';
import type { LabelledSegment, Segment } from '#shared/eeg/segment.ts';
import type { EvaluationReport } from '#shared/metrics.ts';
import { createRandom } from '#shared/random.ts';
import { decodeSafetensors, type Tensors } from '#shared/safetensors.ts';
import { folder, frame } from './sample.ts';

function report(split: 'subject' | 'window'): EvaluationReport {
  const names = ['Haagse_Harry', 'Jürgen Müller', 'sub-004711', 'Anna'];
  const segments: Segment[] = [];
  const labelled: LabelledSegment[] = names.flatMap((subject) =>
    Array.from({ length: 24 }, (_, i): LabelledSegment => {
      const recording = `${subject}_ruhe.edf`;
      const index = segments.length;
      segments.push({ index, group: 0, recording, subject, startS: i * 4, durationS: 4 });
      const trial = Math.floor(i / 4);
      return {
        index,
        label: ['calm', 'fear'][trial % 2]!,
        subject,
        session: '',
        trial: `${recording}/${trial}`,
        recording,
      };
    }),
  );
  const random = createRandom(3);
  const probabilities = Float32Array.from(
    labelled.flatMap(({ label }) => {
      const right = 0.3 + 0.65 * random.next();
      return label === 'calm' ? [right, 1 - right] : [1 - right, right];
    }),
  );
  const { folds } = planFolds(labelled, split, 4, createRandom(0));
  const classes = ['calm', 'fear'];
  return evaluate({
    labelled,
    classes,
    folds,
    probabilities,
    split,
    segments,
    random: createRandom(0),
    draws: 200,
  });
}

const tensors: Tensors = {
  'encoder.weight': { shape: [2, 3], data: Float32Array.of(1, -0, 3e-41, 4, 5, 6) },
  'head.bias': { shape: [2], data: Float32Array.of(0.5, -0.5) },
};
const config = { architecture: 'art-gat', classes: ['calm', 'fear'], electrodes: ['Fp1', 'Cz'] };

describe('a model handed over', () => {
  it('holds its weights bit for bit and a card with intervals, chance, split and the worst subject', async () => {
    const out = folder();
    const tested = report('subject');
    const result = await exportModel({ ...frame(out), tensors, config, report: tested });
    expect(result).toMatchObject({ readBack: 'equal', identifiersFound: 0 });
    const there = decodeSafetensors(readFileSync(join(out, 'weights.safetensors'))).tensors;
    expect(there).toEqual(tensors);
    const card = readFileSync(join(out, 'README.md'), 'utf8');
    expect(card).toContain('Research use — not for diagnosis');
    expect(card).toContain('not a medical device');
    expect(card).toContain('Tested on: Whole subjects it never saw');
    expect(card).toMatch(/Right answers \| \d+\.\d % \(\d+\.\d–\d+\.\d\)/);
    expect(card).toMatch(/could be luck up to \d+\.\d %/);
    expect(card).toContain(`Worst subject: ${result.key.subjects[tested.perSubject[0]!.subject]}`);
    expect(card).toContain('8 parameters in 2 tensors');
  });

  it('of one person names that person anew, and nobody by a short name', async () => {
    const out = folder();
    const told = frame(out);
    const manifests = [{ ...told.manifests[0]!, params: { subject: 'Anna', also: 'S1', minutes: 8 } }];
    const identifiers = { people: [...told.identifiers.people, 'S1'], files: [] };
    const { key } = await exportModel({
      ...told,
      manifests,
      identifiers,
      tensors,
      config,
      report: report('subject'),
    });
    const { lineage } = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8'));
    expect(lineage[0].params).toEqual({ subject: key.subjects['Anna'], also: '(name removed)', minutes: 8 });
  });

  it('keeps its configuration whole though a file is called like a class or a preset', async () => {
    const out = folder();
    const identifiers = { people: ['calm_session_Waldner'], files: ['/archive/fear/balanced art-gat.edf'] };
    const told = { ...config, preset: 'balanced', classes: ['calm', 'anger/fear'], from: '/archive/fear' };
    await exportModel({ ...frame(out), identifiers, tensors, config: told, report: null });
    expect(JSON.parse(readFileSync(join(out, 'config.json'), 'utf8'))).toEqual({
      ...told,
      from: '(path removed)',
    });
  });

  it('says that nothing is claimed when it was not tested, and is refused with broken weights', async () => {
    const out = folder();
    await exportModel({ ...frame(out), tensors, config, report: null });
    expect(readFileSync(join(out, 'README.md'), 'utf8')).toContain('It was not tested; nothing is claimed.');
    const broken = { a: { shape: [1], data: Float32Array.of(NaN) } };
    await expect(
      exportModel({ ...frame(folder()), tensors: broken, config, report: null }),
    ).rejects.toMatchObject({ code: 'diverged' });
  });
});

describe('a report handed over', () => {
  it('is one page without scripts, links or names, with the same numbers for machines', async () => {
    const out = folder();
    const one = report('subject');
    const result = await exportReport({ ...frame(out), reports: [{ name: 'M-1', report: one }] });
    expect(result.identifiersFound).toBe(0);
    const page = readFileSync(join(out, 'report.html'), 'utf8');
    expect(page).not.toMatch(/<script|https?:|src=|href=|@import|url\(/);
    expect(page).toContain('Research use — not for diagnosis');
    for (const { subject } of one.perSubject) {
      expect(page).toContain(result.key.subjects[subject]);
      expect(page).not.toContain(subject);
    }
    const metrics = JSON.parse(readFileSync(join(out, 'metrics.json'), 'utf8'));
    expect(metrics[0].report.metrics).toEqual(one.metrics);
  });

  it('carries the caution of windows on its first lines', async () => {
    const out = folder();
    const reports = [
      { name: 'M-1', report: report('window') },
      { name: 'band power <b>', report: report('window') },
    ];
    await exportReport({ ...frame(out), reports });
    const page = readFileSync(join(out, 'report.html'), 'utf8');
    expect(page.indexOf('too good')).toBeLessThan(page.indexOf('Measures'));
    expect(page).toContain('band power &lt;b&gt;');
  });
});
