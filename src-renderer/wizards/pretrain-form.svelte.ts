/** What a new pre-training will be: what it learns from, how long, who is held out. */
import type { JobInput } from '#shared/job-input.ts';
import { pretrainParams, type PretrainParams } from '#shared/params/pretrain.ts';
import type { DistillateView, ModelView, SegmentsView } from '#shared/views.ts';
import { count, figure, list, percent, plural } from '../words.ts';
import { ParamsForm } from './params-form.svelte.ts';
import { pretrainPresets } from './presets.ts';

/** The fewest subjects that can be split into learning and held out. */
const fewestSubjects = 3;

export class PretrainForm {
  readonly params = new ParamsForm<PretrainParams>(pretrainParams, pretrainPresets);
  /** A distillate's id, 'full' or 'random'. */
  subset = $state('full');
  /** Share of the order; 0: as distilled. */
  keep = $state(0);
  /** Picks of another method of the comparison; '' its own. */
  by = $state('');
  parent = $state('');
  distillates = $state.raw<readonly DistillateView[]>([]);
  models = $state.raw<readonly ModelView[]>([]);
  prepared = $state.raw<readonly SegmentsView[]>([]);

  get distillate(): DistillateView | null {
    return this.distillates.find(({ id }) => id === this.subset) ?? null;
  }

  get input(): JobInput {
    const own = this.subset === 'full' || this.subset === 'random';
    return {
      kind: 'pretrain',
      segments: own ? (this.prepared[0]?.id ?? '') : '',
      subset: this.subset,
      keep: this.subset === 'full' ? 0 : this.keep,
      by: own ? '' : this.by,
      parent: this.parent,
      params: this.params.values,
    };
  }

  /** Segments it will learn from. */
  get segments(): number {
    const all = this.distillate?.segments ?? this.prepared[0]?.segments ?? 0;
    if (this.subset === 'full') return all;
    if (this.subset === 'random') {
      const newest = this.distillates[0];
      return Math.round(all * (this.keep || (newest ? newest.kept / newest.segments : 0.05)));
    }
    return this.keep > 0 ? Math.round(all * this.keep) : (this.distillate?.kept ?? 0);
  }

  /** The share when nothing else is asked for: as it was distilled, or as the newest one. */
  get usualKeep(): number {
    return (this.distillate ?? this.distillates[0])?.keep ?? 0.05;
  }

  get subjects(): number {
    const table = this.distillate?.tables.find(({ by }) => by === 'subject');
    return table
      ? table.rows.length
      : (this.prepared[0]?.groups.reduce((sum, { subjects }) => sum + subjects, 0) ?? 0);
  }

  get heldOut(): number {
    const { holdOut } = this.params.values;
    return holdOut === 0 || this.subjects === 0 ? 0 : Math.max(1, Math.round(this.subjects * holdOut));
  }

  get template(): string {
    return `Teach {recipe} from {subset}, {size},${this.parent ? ' going on from {parent},' : ''} hold out {holdOut} to check it, for {passes} or until it {stop}.`;
  }

  /** Other picks of the comparison, by the names they are stored under; of several draws by chance the first. */
  get otherPicks(): { name: string; label: string }[] {
    const others = this.distillate?.methods.slice(1) ?? [];
    return others.map(({ name, label }) => ({ name: name === 'random' ? 'random-0' : name, label }));
  }

  get sentence(): Record<string, string> {
    const { holdOut, passes, patience } = this.params.values;
    return {
      recipe: 'one model for all channels',
      subset:
        this.subset === 'full'
          ? 'all segments'
          : this.subset === 'random'
            ? 'segments drawn by chance'
            : this.by
              ? `the picks of ${this.methodLabel(this.by)} in ${this.subset}`
              : this.subset,
      size: `${plural(this.segments, 'segment')}${this.subjects > 0 ? ` of ${plural(this.subjects, 'subject')}` : ''}`,
      parent: this.parent,
      holdOut: holdOut === 0 ? 'nobody' : `${percent(holdOut)} of the subjects`,
      passes: plural(passes, 'pass', 'passes'),
      stop:
        patience === 0
          ? 'has run them all'
          : `stops getting better for ${plural(patience, 'pass', 'passes')}`,
    };
  }

  methodLabel(name: string): string {
    return this.otherPicks.find((method) => method.name === name)?.label ?? name;
  }

  get method(): string {
    const { preset, batch, learningRate, samplesPerPass, seed } = this.params.values;
    const network = { demo: 'small network', balanced: 'larger network', paper: 'published network' }[preset];
    return list([
      network,
      samplesPerPass === 0 ? 'every channel in a pass' : `${count(samplesPerPass)} channels a pass`,
      `batches of ${count(batch)}`,
      `step size ${figure(learningRate)}`,
      `seed ${seed}`,
    ]);
  }

  get blockedBy(): string | null {
    if (this.segments === 0) return 'Nothing to learn from yet';
    const problem = this.params.problems[0];
    if (problem) return problem.text;
    if (this.params.values.holdOut > 0 && this.subjects > 0 && this.subjects < fewestSubjects)
      return `${plural(this.subjects, 'subject')} cannot be split; set “Hold out” to 0 or add recordings`;
    return null;
  }
}
