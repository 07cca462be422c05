/** What will be handed over: of what, in which formats, with which card, where to. */
import type { JobInput } from '#shared/job-input.ts';
import { exportFormats, type ExportParams } from '#shared/params/export.ts';
import type { CardDraft } from '#shared/views.ts';
import { list } from '../words.ts';

export type What = ExportParams['what'];
export type Format = ExportParams['formats'][number];

export interface Thing {
  what: What;
  id: string;
  /** 'Distillate D-07'. */
  title: string;
  /** '10,562 segments, 27.3 h'. */
  detail: string;
}

export const formatWords: Record<Format, { text: string; help: string }> = {
  npz: {
    text: 'NumPy',
    help: 'For Python: one .npz a group, large groups in shards; the loader is included.',
  },
  parquet: {
    text: 'Index, Parquet',
    help: 'Order, difference and reason of each segment; segments.csv is always written.',
  },
  edf: {
    text: 'EDF+ reel',
    help: 'One file a subject and group with a mark at every joint, for any EEG program.',
  },
  safetensors: {
    text: 'Weights, safetensors',
    help: 'For Python and others, with configuration and model card.',
  },
  html: {
    text: 'Report, HTML',
    help: 'One page that opens offline, with every figure and its chance level.',
  },
};

/** Asked for often, not written here. */
const notHere: { text: string; why: string }[] = [
  { text: 'ONNX', why: 'Not written: its result was not compared with ours. Take the safetensors weights.' },
  { text: 'Whole recordings', why: 'Not written: only segments are. The originals stay where they are.' },
];

export interface FormatRow {
  format: Format | null;
  text: string;
  help: string;
  blockedBy: string | null;
}

/** Every format; those that cannot hold this kind of thing stay in the list with their reason. */
export function formatRows(what: What): FormatRow[] {
  const holds = Object.entries(exportFormats) as [What, readonly Format[]][];
  const words: Record<What, string> = { subset: 'a distillate', model: 'a model', report: 'a report' };
  const rows = holds.flatMap(([of, formats]) =>
    formats.map((format): FormatRow => ({
      format,
      ...formatWords[format],
      blockedBy: of === what ? null : `Holds ${words[of]}, not ${words[what]}.`,
    })),
  );
  return [
    ...rows.filter(({ blockedBy }) => blockedBy === null),
    ...rows.filter(({ blockedBy }) => blockedBy !== null),
    ...notHere.map(({ text, why }) => ({ format: null, text, help: '', blockedBy: why })),
  ];
}

export class ExportForm {
  things = $state.raw<readonly Thing[]>([]);
  chosen = $state('');
  formats = $state.raw<readonly Format[]>([]);
  out = $state('');
  keepSex = $state(false);
  keepAnnotations = $state(false);
  draft = $state.raw<CardDraft | null>(null);
  card = $state.raw<Record<string, string>>({});

  get thing(): Thing | null {
    return this.things.find(({ id }) => id === this.chosen) ?? null;
  }

  choose(id: string): void {
    const before = this.thing?.what;
    this.chosen = id;
    const { thing } = this;
    if (thing && thing.what !== before) this.formats = [exportFormats[thing.what][0]];
  }

  /** Into a folder of its own below the one that was chosen: an export never mixes with what is there. */
  writeBelow(path: string): void {
    const name = (this.thing?.id ?? 'export').toLowerCase();
    this.out = `${path.replace(/[\\/]+$/, '')}${path.includes('\\') ? '\\' : '/'}${name}`;
  }

  /** The card of a kind of thing arrives; what was typed before stays where the field is the same. */
  setDraft(draft: CardDraft): void {
    this.draft = draft;
    this.card = Object.fromEntries(draft.fields.map(({ name, text }) => [name, this.card[name] ?? text]));
  }

  get missing(): CardDraft['fields'] {
    return (this.draft?.fields ?? []).filter(({ name, required }) => required && !this.card[name]?.trim());
  }

  /** The table as the switches have it: what is kept is said, nothing silently. */
  get deidentification(): CardDraft['deidentification'] {
    return (this.draft?.deidentification ?? []).map((row) => {
      if (row.action === 'not applicable') return row;
      if (row.field === 'Sex' && this.keepSex)
        return { ...row, action: 'kept', how: 'As asked for, in subjects.csv.' };
      if (row.field === 'Annotation texts' && this.keepAnnotations)
        return { ...row, action: 'kept', how: 'As asked for; searched like everything else.' };
      return row;
    });
  }

  /** Null while nothing is chosen: such a request cannot be made. */
  get input(): JobInput | null {
    const { thing } = this;
    if (!thing || this.formats.length === 0 || this.out.trim() === '') return null;
    const card = Object.fromEntries(Object.entries(this.card).filter(([, text]) => text.trim() !== ''));
    const subset = thing.what === 'subset';
    return {
      kind: 'export',
      params: {
        what: thing.what,
        id: thing.id,
        formats: [...this.formats],
        out: this.out.trim(),
        keep: 0,
        keepSex: subset && this.keepSex,
        keepAnnotations: subset && this.keepAnnotations,
        card,
      },
    };
  }

  get blockedBy(): { reason: string; field: string } | null {
    if (!this.thing) return { reason: 'Choose what to hand over', field: 'what' };
    if (this.formats.length === 0) return { reason: 'Tick at least one format', field: 'as' };
    if (this.missing.length > 0)
      return {
        reason: `First: ${list(this.missing.map(({ label }) => label.toLowerCase()))}`,
        field: this.missing[0]!.name,
      };
    if (this.out.trim() === '') return { reason: 'Choose a folder', field: 'out' };
    return null;
  }

  /** Lines of the folder that will be written, deepest right. */
  get tree(): { depth: number; name: string; note: string }[] {
    const { thing, formats } = this;
    if (!thing) return [];
    const folder = this.out.trim().split(/[\\/]/).filter(Boolean).at(-1) ?? 'folder';
    const rows = [
      { depth: 0, name: `${folder}/`, note: '' },
      {
        depth: 1,
        name: 'README.md',
        note: thing.what === 'subset' ? 'data card' : thing.what === 'model' ? 'model card' : 'what this is',
      },
      { depth: 1, name: 'manifest.json', note: 'settings, seed, hashes' },
      { depth: 1, name: 'checksums.sha256', note: 'of every file' },
      { depth: 1, name: 'load_limbeck.py', note: 'reads it in Python' },
    ];
    if (thing.what === 'subset') {
      rows.push(
        { depth: 1, name: 'segments.csv', note: 'order, difference, reason' },
        { depth: 1, name: 'rejected.csv', note: 'what was rejected, why' },
        { depth: 1, name: 'subjects.csv', note: 'pseudonyms' },
      );
      if (formats.includes('parquet'))
        rows.push({ depth: 1, name: 'segments.parquet', note: 'the same, for tables' });
      if (formats.includes('npz'))
        rows.push(
          { depth: 1, name: 'signals/', note: '' },
          { depth: 2, name: '<group>.npz', note: 'segments × sites × samples, µV' },
        );
      if (formats.includes('edf'))
        rows.push(
          { depth: 1, name: 'edf/', note: '' },
          { depth: 2, name: '<subject>_<group>.edf', note: 'a mark at every joint' },
        );
    }
    if (thing.what === 'model')
      rows.push(
        { depth: 1, name: 'weights.safetensors', note: 'named tensors' },
        { depth: 1, name: 'config.json', note: 'architecture' },
        { depth: 1, name: 'metrics.json', note: 'if it was tested' },
      );
    if (thing.what === 'report')
      rows.push(
        { depth: 1, name: 'report.html', note: 'opens offline' },
        { depth: 1, name: 'metrics.json', note: 'the figures' },
      );
    return rows;
  }
}
