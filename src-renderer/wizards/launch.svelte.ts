/** The way from a form to a job: the estimate that follows the form, the start, and why it did not start. */
import type { JobInput } from '#shared/job-input.ts';
import type { JobRecord } from '#shared/jobs.ts';
import type { Estimate } from '#shared/views.ts';
import { toRefusal, type Api, type Refusal } from '../client.ts';
import { Resource } from '../resource.svelte.ts';

/** Typing is over when nothing changed for this long. */
const settleMs = 250;

export class Launch {
  readonly estimate = new Resource<Estimate>();
  starting = $state(false);
  refusal = $state.raw<Refusal | null>(null);
  readonly #jobs: Pick<Api['jobs'], 'estimate' | 'start'>;

  constructor(jobs: Pick<Api['jobs'], 'estimate' | 'start'>) {
    this.#jobs = jobs;
  }

  /** Asks for the cost once the form has settled. @returns gives up asking; give it back from an effect */
  ask(input: JobInput): () => void {
    const timer = setTimeout(() => {
      void this.estimate.load((signal) => this.#jobs.estimate(input, { signal }));
    }, settleMs);
    return () => clearTimeout(timer);
  }

  /** @returns the job, or null with `refusal` set */
  async start(input: JobInput): Promise<JobRecord | null> {
    if (this.starting) return null;
    this.starting = true;
    this.refusal = null;
    try {
      return await this.#jobs.start(input);
    } catch (error) {
      this.refusal = toRefusal(error);
      return null;
    } finally {
      this.starting = false;
    }
  }
}
