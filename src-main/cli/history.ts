/** `jobs`, `runs`, `show`, `reproduce`, `evaluate`: what was done, from what, and whether it comes out the same again. */
import { AppError } from '#shared/errors.ts';
import { jobInput, type JobInput } from '#shared/job-input.ts';
import type { EvaluationReport } from '#shared/metrics.ts';
import { splits } from '#shared/params/finetune.ts';
import { findArtifact, verifyArtifact } from '#main/store/artifact.ts';
import { bringBack, putAside } from '#main/store/aside.ts';
import { lineage } from '#main/services/job-plans.ts';
import type { Study } from '#main/services/study.ts';
import { checked, listOf } from './arguments.ts';
import { inStudy, resultManifest, runToEnd } from './session.ts';
import { table } from './terminal.ts';
import { UsageError, type Verb, type VerbCall, type VerbResult } from './verb.ts';

export const jobsVerb: Verb = {
  summary: 'Lists the jobs of a study and their state.',
  usage: '--study DIR',
  options: {},
  run: listJobs,
};

export const runsVerb: Verb = {
  summary: 'Lists what was made: kind, engine, seed, seconds, hash.',
  usage: '--study DIR',
  options: {},
  run: listRuns,
};

export const auditVerb: Verb = {
  summary: 'Lists what changed the study and checks that no entry was edited since.',
  usage: '--study DIR',
  options: {},
  run: audit,
};

export const showVerb: Verb = {
  summary: 'Shows one artifact and everything it was made from.',
  usage: '--study DIR ID',
  takesWords: true,
  options: {},
  run: show,
};

export const reproduceVerb: Verb = {
  summary: 'Makes an artifact again from its manifest and compares the hash.',
  usage: '--study DIR ID',
  takesWords: true,
  options: {},
  async run(call) {
    const id = oneId(call);
    return inStudy(call.flags, async (study) => {
      const artifact = await findArtifact(study.dir, id);
      if (!artifact) throw new AppError('not-found', `There is no artifact ${id} in this study.`);
      const job = study.catalog.jobs.list().find((each) => each.artifact === id && each.status === 'done');
      if (!job) throw new AppError('not-found', `No finished run of this study says how ${id} was made.`);
      // Put aside, so that the step really runs; it comes back whatever happens.
      await putAside(study.dir, artifact);
      try {
        const engine = artifact.manifest.engine || call.flags.engine;
        const { output } = await runToEnd(
          study,
          jobInput.parse(job.input) as JobInput,
          { ...call.flags, engine },
          call.signal,
        );
        const again = resultManifest(output);
        const equal = again.hash === artifact.manifest.hash && again.id === id;
        const json = { id, before: artifact.manifest.hash, after: again.hash, equal, seconds: again.seconds };
        return {
          json,
          text: equal
            ? `${id} came out the same: ${again.hash.slice(0, 16)}…`
            : `${id} differs: ${artifact.manifest.hash.slice(0, 16)}… before, ${again.hash.slice(0, 16)}… now.`,
          status: equal ? 0 : 1,
        };
      } finally {
        await bringBack(study.dir);
      }
    });
  },
};

export const evaluateVerb: Verb = {
  summary: 'Honest metrics of a model: by subject, trial or window, with intervals, chance and leaks.',
  usage: '--study DIR --model ID --split subject|trial|window',
  options: {
    model: { type: 'string' },
    split: { type: 'string' },
    labels: { type: 'string', multiple: true },
    dataset: { type: 'string' },
    seed: { type: 'string' },
    segments: { type: 'string' },
  },
  async run({ flags, values, signal }) {
    const split = String(values['split'] ?? 'subject');
    if (!splits.some((known) => known === split))
      throw new UsageError(`--split takes ${splits.join(', ')}, not ${split}.`);
    return inStudy(flags, async (study) => {
      const request = evaluationRequest(study, values, split);
      const { output } = await runToEnd(study, request, flags, signal);
      const evaluation = output.artifacts.find((manifest) => manifest.kind === 'evaluation');
      const artifact = evaluation && (await findArtifact(study.dir, evaluation.id));
      if (!artifact) throw new AppError('internal', 'The evaluation left no report.');
      const report = await artifact.json<EvaluationReport>('report.json');
      return { json: { id: artifact.manifest.id, ...report }, text: output.result };
    });
  },
};

/** A fitted model is tested by fitting it anew on each fold, from the model it came from and with the same settings. */
function evaluationRequest(study: Study, values: VerbCall['values'], split: string): JobInput {
  const id = String(values['model'] ?? '');
  const manifest = id === '' || id === 'none' ? undefined : study.catalog.artifacts.get(id);
  if (id !== '' && id !== 'none' && manifest?.kind !== 'model')
    throw new AppError('not-found', `There is no model ${id} in this study.`);
  const fitted = manifest?.summary['kind'] === 'classifier';
  const job = fitted
    ? study.catalog.jobs.list().find((each) => each.kind === 'finetune' && each.artifact === id)
    : undefined;
  const before = job ? (jobInput.parse(job.input) as Extract<JobInput, { kind: 'finetune' }>) : undefined;
  const request = {
    ...(before ?? { kind: 'finetune', model: id }),
    ...(values['labels'] ? { labels: listOf(values, 'labels') } : {}),
    ...(values['dataset'] ? { dataset: String(values['dataset']) } : {}),
    ...(values['segments'] ? { segments: String(values['segments']) } : {}),
    params: { ...before?.params, split, ...(values['seed'] ? { seed: Number(values['seed']) } : {}) },
  };
  return checked('finetune', request, values);
}

async function listJobs({ flags }: VerbCall): Promise<VerbResult> {
  return inStudy(flags, async ({ queue }) => {
    const jobs = queue.list();
    if (jobs.length === 0) return { json: jobs, text: 'No jobs yet.' };
    return {
      json: jobs,
      text: table([
        ['run', 'kind', 'state', 'made', 'title'],
        ...jobs.map((job) => [
          job.id,
          job.kind,
          job.supersededBy === null ? job.status : `${job.status}, again as ${job.supersededBy}`,
          job.artifact ?? '',
          job.title,
        ]),
      ]),
    };
  });
}

async function listRuns({ flags }: VerbCall): Promise<VerbResult> {
  return inStudy(flags, async ({ catalog }) => {
    const manifests = catalog.artifacts.list();
    const rows = manifests.map((manifest) => [
      manifest.id,
      manifest.kind,
      manifest.engine,
      manifest.seed,
      manifest.seconds.toFixed(1),
      manifest.hash.slice(0, 12),
    ]);
    return {
      json: manifests,
      text: table([['artifact', 'kind', 'engine', 'seed', 'seconds', 'hash'], ...rows]),
    };
  });
}

async function audit({ flags }: VerbCall): Promise<VerbResult> {
  return inStudy(flags, async ({ catalog }) => {
    const entries = catalog.audit.list();
    const firstBroken = catalog.audit.firstBroken();
    const verdict =
      firstBroken === null
        ? `${entries.length} entries, none was changed after it was written.`
        : `Entry ${firstBroken} was changed after it was written. Entries before it are intact.`;
    const rows = entries.map((entry) => [
      entry.position,
      entry.at,
      entry.what,
      String(entry.facts['result'] ?? ''),
      entry.hash.slice(0, 12),
    ]);
    return {
      json: { entries, firstBroken },
      text: `${table([['entry', 'at', 'what', 'result', 'hash'], ...rows])}\n${verdict}`,
      status: firstBroken === null ? 0 : 1,
    };
  });
}

async function show(call: VerbCall): Promise<VerbResult> {
  const id = oneId(call);
  return inStudy(call.flags, async (study) => {
    const found = lineage(study.catalog, id);
    const artifact = await findArtifact(study.dir, id);
    if (found.length === 0) throw new AppError('not-found', `There is no artifact ${id} in this study.`);
    if (!artifact)
      throw new AppError(
        'not-found',
        `The files of ${id} are not in the study's folder. Put them back from a copy, or make it again; the same input gives the same result.`,
      );
    const problems = await verifyArtifact(artifact.dir);
    const [first] = found;
    const lines = found.map(
      (manifest) =>
        `${manifest.id}  ${manifest.kind}  ${manifest.hash.slice(0, 16)}  ${manifest.createdAt}  from ${manifest.inputs
          .slice(0, 3)
          .map((input) => input.id)
          .join(', ')}${manifest.inputs.length > 3 ? ` and ${manifest.inputs.length - 3} more` : ''}`,
    );
    return {
      json: { ...first, dir: artifact.dir, problems, lineage: found.slice(1) },
      text: [
        ...lines,
        problems.length === 0 ? 'All files are as they were written.' : problems.join('\n'),
      ].join('\n'),
      status: problems.length === 0 ? 0 : 1,
    };
  });
}

function oneId({ rest }: VerbCall): string {
  const [id, ...more] = rest;
  if (id === undefined || more.length > 0)
    throw new UsageError('Which artifact? Give exactly one id, as "runs" lists them.');
  return id;
}
