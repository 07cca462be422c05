/** What a new distillate will be: the form, its sentence, the request and the command line, always the same thing. */
import type { JobInput } from '#shared/job-input.ts';
import { distillParams, type DistillParams } from '#shared/params/distill.ts';
import type { SegmentsView } from '#shared/views.ts';
import { list, percent, plural } from '../words.ts';
import { ParamsForm } from './params-form.svelte.ts';
import { distillPresets } from './presets.ts';

export interface GroupShare {
  name: string;
  segments: number;
  hours: number;
  windowS: number;
  kept: number;
  rejected: number;
}

export class DistilForm {
  readonly params = new ParamsForm<DistillParams>(distillParams, distillPresets);
  segments = $state.raw<SegmentsView | null>(null);

  get input(): JobInput {
    return { kind: 'distill', segments: this.segments?.id ?? '', params: this.params.values };
  }

  get keep(): number {
    return this.params.values.keep;
  }

  /** The largest share ordered grows with the share that is kept, since no more can be kept than is ordered. */
  setKeep(keep: number): void {
    this.params.set('keep', keep);
    if (this.params.values.orderUpTo < keep) this.params.set('orderUpTo', keep);
  }

  get groups(): GroupShare[] {
    const { keep, outliers } = this.params.values;
    return (this.segments?.groups ?? []).map(({ name, segments, hours, windowS }) => ({
      name,
      segments,
      hours,
      windowS,
      kept: Math.floor(segments * keep + 1e-9),
      rejected: Math.floor(segments * outliers + 1e-9),
    }));
  }

  get kept(): number {
    return this.groups.reduce((sum, group) => sum + group.kept, 0);
  }

  get keptHours(): number {
    return this.groups.reduce((sum, { kept, windowS }) => sum + (kept * windowS) / 3600, 0);
  }

  get rejected(): number {
    return this.groups.reduce((sum, group) => sum + group.rejected, 0);
  }

  readonly template =
    'From {segments} in {groups}, keep the most informative {keep} of each group. First reject the oddest {reject}, which you can look through. Then show what the same share would be {compare}.';

  get sentence(): Record<string, string> {
    const { keep, outliers, compare } = this.params.values;
    return {
      segments: plural(this.segments?.segments ?? 0, 'segment'),
      groups: plural(this.segments?.groups.length ?? 0, 'group'),
      keep: percent(keep, 3),
      reject: percent(outliers, 2),
      compare: compare ? 'by chance and two other ways' : 'by no other way',
    };
  }

  /** The folded method in one line. */
  get method(): string {
    const { preset, passes, method, outlierMode, seed } = this.params.values;
    const network = { demo: 'small network', balanced: 'larger network', paper: 'published network' }[preset];
    const by = {
      'k-center': 'most different first',
      random: 'by chance',
      pca: 'by PCA',
      raw: 'by the raw signal',
    }[method];
    return list([
      network,
      passes === 0 ? 'passes as the preset says' : plural(passes, 'pass', 'passes'),
      `chosen ${by}`,
      `${outlierMode} cut`,
      `seed ${seed}`,
    ]);
  }

  /** Why it cannot start, or null. */
  get blockedBy(): string | null {
    if (!this.segments) return 'Nothing is prepared yet';
    const problem = this.params.problems[0];
    if (problem) return problem.text;
    const small = this.segments.groups.filter(({ segments }) => segments < 20);
    if (small.length > 0)
      return `${list(small.map(({ name }) => name))} ${small.length === 1 ? 'has' : 'have'} fewer than 20 segments; too few to choose from`;
    const { keep, orderUpTo } = this.params.values;
    if (orderUpTo < keep) return 'The largest share ordered is smaller than the share to keep';
    return null;
  }
}
