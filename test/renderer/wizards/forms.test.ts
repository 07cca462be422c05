import { describe, expect, it } from 'vitest';
import { toCommand } from '#shared/command.ts';
import { jobInput } from '#shared/job-input.ts';
import type { DistillateView, GroupView, ModelView, SegmentsView } from '#shared/views.ts';
import { CalibrateForm } from '#renderer/wizards/calibrate-form.svelte.ts';
import { DistilForm } from '#renderer/wizards/distil-form.svelte.ts';
import { ExportForm, formatRows } from '#renderer/wizards/export-form.svelte.ts';
import { PrepareForm, preparedWords } from '#renderer/wizards/prepare-form.svelte.ts';
import { PretrainForm } from '#renderer/wizards/pretrain-form.svelte.ts';

const segments: SegmentsView = {
  id: 'S-1',
  hash: '',
  segments: 1100,
  hours: 1.2,
  groups: [
    { name: 'Ward', electrodes: 19, sfreqHz: 250, windowS: 4, segments: 1000, subjects: 10, hours: 1.1 },
    { name: 'Film', electrodes: 32, sfreqHz: 500, windowS: 4, segments: 100, subjects: 4, hours: 0.1 },
  ],
  rejected: {},
  createdAt: '2026-01-01T00:00:00Z',
  params: {},
};
const group = (name: string): GroupView => ({
  name,
  letter: name[0]!,
  colour: 1,
  recordings: 3,
  subjects: 3,
  hours: 1,
  sites: ['Cz'],
  sfreqHz: [250],
  labels: {},
});
const model = (id: string, kind: ModelView['kind']) => ({ id, kind }) as ModelView;

describe('a form, its request and its command line', () => {
  it('says in one sentence, one request and one command line the same distillate', () => {
    const form = new DistilForm();
    form.segments = segments;
    form.params.type(form.params.field('keep'), '10');
    form.params.set('compare', false);
    expect(form.sentence).toMatchObject({
      segments: '1,100 segments',
      groups: '2 groups',
      keep: '10 %',
      compare: 'by no other way',
    });
    expect(jobInput.parse(form.input)).toMatchObject({
      kind: 'distill',
      segments: 'S-1',
      params: { keep: 0.1, compare: false },
    });
    expect(toCommand('study', form.input)).toBe(
      'limbeck distill --study study --segments S-1 --keep 0.1 --no-compare',
    );
    expect(form.kept).toBe(110);
    expect(form.blockedBy).toBeNull();
  });

  it('orders at least as much as is kept', () => {
    const form = new DistilForm();
    form.setKeep(0.4);
    expect(form.params.values.orderUpTo).toBe(0.4);
  });

  it('names the reason while nothing is prepared, and while a number cannot be read', () => {
    const form = new DistilForm();
    expect(form.blockedBy).toBe('Nothing is prepared yet');
    form.segments = segments;
    form.params.type(form.params.field('keep'), 'lots');
    expect(form.blockedBy).toBe('Keep: A number is needed here.');
  });

  it('prepares all groups without naming them, and names those that stay when one is unticked', () => {
    const form = new PrepareForm();
    form.groups = [group('Ward'), group('Film')];
    expect(toCommand('study', form.input)).toBe('limbeck prepare --study study');
    form.left = ['Ward'];
    form.params.set('notchHz', 50);
    expect(toCommand('study', form.input)).toBe(
      'limbeck prepare --study study --datasets Film --notch-hz 50',
    );
    expect(form.sentence).toMatchObject({ groups: '1 group', band: '0.5–45 Hz without 50 Hz' });
    form.left = ['Ward', 'Film'];
    expect(form.blockedBy).toBe('No group is ticked');
    expect(preparedWords({ windowS: 'x' })).toContain('another version');
  });

  it('learns from a share of the order, from everything, or from other picks', () => {
    const form = new PretrainForm();
    form.prepared = [segments];
    expect(form.segments).toBe(1100);
    form.distillates = [
      {
        id: 'D-1',
        segments: 1100,
        kept: 55,
        keep: 0.05,
        orderUpTo: 0.25,
        methods: [
          { name: 'k-center', label: 'Limbeck' },
          { name: 'random', label: 'By chance' },
          { name: 'pca', label: 'PCA, spread out' },
        ],
        tables: [
          {
            by: 'subject',
            rows: Array.from({ length: 14 }, (_, i) => ({ name: `S-${i}`, before: 10, kept: [1] })),
          },
        ],
      } as unknown as DistillateView,
    ];
    form.subset = 'D-1';
    expect([form.segments, form.subjects, form.heldOut]).toEqual([55, 14, 1]);
    form.keep = 0.1;
    form.by = 'pca';
    expect(form.segments).toBe(110);
    expect(form.usualKeep).toBe(form.distillate?.keep);
    expect(form.sentence['subset']).toBe('the picks of PCA, spread out in D-1');
    expect(toCommand('s', form.input)).toBe('limbeck pretrain --study s --subset D-1 --keep 0.1 --by pca');
    expect(form.otherPicks.map(({ name }) => name)).toEqual(['random-0', 'pca']);
    form.subset = 'full';
    expect(toCommand('s', form.input)).toBe('limbeck pretrain --study s --segments S-1 --subset full');
  });

  it('fits to everybody or calibrates one, and says what the split means', () => {
    const form = new CalibrateForm();
    form.models = [model('P-1', 'pretrained')];
    form.model = 'P-1';
    form.labels = ['joy', 'fear', 'calm'].map((label) => ({ label, segments: 100, trials: 6, subjects: 2 }));
    form.subjects = [
      { subject: 'A', minutes: 9, trials: { joy: 3, fear: 3, calm: 3 } },
      { subject: 'B', minutes: 8, trials: { joy: 3, fear: 1 } },
    ];
    expect(form.chanceWords).toBe('Guessing reaches 33.3 %.');
    expect(form.cannot(form.subjects[1]!)).toBe('no clip with calm');
    form.left = ['calm'];
    expect(form.cannot(form.subjects[1]!)).toBe('only one clip with fear');
    expect(toCommand('s', form.input)).toBe('limbeck finetune --study s --model P-1 --labels joy,fear');
    expect(form.leaks).toBe(false);
    form.finetune.set('split', 'window');
    expect(form.leaks).toBe(true);
    form.mode = 'calibrate';
    expect(form.leaks).toBe(false);
    expect(form.blockedBy).toBe('Choose a subject');
    form.calibrate.set('subject', 'B');
    expect(form.blockedBy).toBe('B has only one clip with fear');
    form.calibrate.set('subject', 'A');
    expect(form.blockedBy).toBeNull();
    expect(toCommand('s', form.input)).toBe(
      'limbeck calibrate --study s --model P-1 --labels joy,fear --subject A',
    );
  });

  it('keeps formats that cannot hold the thing in the list, with the reason', () => {
    const rows = formatRows('model');
    expect(rows.filter(({ blockedBy }) => blockedBy === null).map(({ format }) => format)).toEqual([
      'safetensors',
    ]);
    expect(rows.find(({ format }) => format === 'edf')?.blockedBy).toBe('Holds a distillate, not a model.');
    expect(rows.every(({ blockedBy, help }) => blockedBy !== null || help !== '')).toBe(true);
  });

  it('writes an export only once the card is complete and a folder is named', () => {
    const form = new ExportForm();
    expect(form.blockedBy?.reason).toBe('Choose what to hand over');
    form.things = [{ what: 'subset', id: 'D-1', title: 'Distillate D-1', detail: '' }];
    form.choose('D-1');
    form.setDraft({
      title: '',
      fields: [
        { name: 'consent', label: 'Which consent covers sharing', text: '', required: true },
        { name: 'licence', label: 'Licence', text: '', required: true },
        { name: 'purpose', label: 'Intended use', text: 'Research.', required: false },
      ],
      deidentification: [{ field: 'Sex', action: 'removed', how: 'Never copied.' }],
    });
    expect(form.blockedBy).toEqual({
      reason: 'First: which consent covers sharing and licence',
      field: 'consent',
    });
    form.card = { ...form.card, consent: 'Ethics 12/3', licence: 'CC BY 4.0' };
    expect(form.blockedBy?.field).toBe('out');
    expect(form.input).toBeNull();
    form.writeBelow('/tmp/');
    expect(form.out).toBe('/tmp/d-1');
    form.writeBelow('C:\\exports');
    expect(form.out).toBe('C:\\exports\\d-1');
    form.out = '/tmp/out';
    form.keepSex = true;
    expect(form.deidentification[0]).toMatchObject({ action: 'kept' });
    expect(form.blockedBy).toBeNull();
    expect(jobInput.parse(form.input)).toMatchObject({
      kind: 'export',
      params: {
        what: 'subset',
        id: 'D-1',
        formats: ['npz'],
        out: '/tmp/out',
        keepSex: true,
        card: { consent: 'Ethics 12/3', purpose: 'Research.' },
      },
    });
    expect(toCommand('s', form.input!)).toBe(
      "limbeck export --study s --what subset --id D-1 --formats npz --out /tmp/out --keep-sex --card-consent 'Ethics 12/3' --card-licence 'CC BY 4.0' --card-purpose Research.",
    );
    expect(form.tree.map(({ name }) => name)).toContain('signals/');
  });
});
