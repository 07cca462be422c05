/** How recordings are filtered, referenced and cut before anything learns from them. */
import * as z from 'zod';
import type { JobInput } from '#shared/job-input.ts';
import { prepareParams, type PrepareParams } from '#shared/params/prepare.ts';
import type { GroupView } from '#shared/views.ts';
import { figure, list, plural } from '../words.ts';
import { ParamsForm } from './params-form.svelte.ts';

export class PrepareForm {
  readonly params = new ParamsForm<PrepareParams>(prepareParams);
  groups = $state.raw<readonly GroupView[]>([]);
  /** Groups that were unticked; new groups are in by themselves. */
  left = $state.raw<readonly string[]>([]);

  get chosen(): GroupView[] {
    return this.groups.filter(({ name }) => !this.left.includes(name));
  }

  get input(): JobInput {
    const all = this.left.length === 0;
    return {
      kind: 'prepare',
      datasets: all ? [] : this.chosen.map(({ name }) => name),
      params: this.params.values,
    };
  }

  readonly template =
    'Take {recordings} of {groups}, keep {band}, subtract {reference}, and cut into {window}.';

  get sentence(): Record<string, string> {
    const { highPassHz, lowPassHz, notchHz, reference, windowS } = this.params.values;
    return {
      recordings: plural(
        this.chosen.reduce((sum, { recordings }) => sum + recordings, 0),
        'recording',
      ),
      groups: plural(this.chosen.length, 'group'),
      band: `${figure(highPassHz)}–${figure(lowPassHz)} Hz${notchHz === 0 ? '' : ` without ${notchHz} Hz`}`,
      reference: reference === 'average' ? 'the average of all good sites' : 'nothing (as recorded)',
      window: windowS === 0 ? 'segments of 256 site-seconds' : `segments of ${figure(windowS)} s`,
    };
  }

  get blockedBy(): string | null {
    if (this.groups.length === 0) return 'No recordings yet';
    if (this.chosen.length === 0) return 'No group is ticked';
    return this.params.problems[0]?.text ?? null;
  }
}

/** What segments were prepared with, in one line; `params` as they stand in the artifact. */
export function preparedWords(params: Record<string, unknown>): string {
  // An artifact's settings hold more than the form's: the channels that were used.
  const read = z.object(prepareParams.shape).safeParse(params);
  if (!read.success) return 'prepared with settings of another version';
  const { highPassHz, lowPassHz, notchHz, reference, windowS, sfreqHz } = read.data;
  return list([
    `${figure(highPassHz)}–${figure(lowPassHz)} Hz`,
    notchHz === 0 ? 'no notch' : `notch ${notchHz} Hz`,
    reference === 'average' ? 'average reference' : 'reference as recorded',
    windowS === 0 ? 'segments of 256 site-seconds' : `segments of ${figure(windowS)} s`,
    sfreqHz === 0 ? 'rates as recorded' : `${figure(sfreqHz)} Hz`,
  ]);
}
