/** The verbs that start a job: one for each kind, flags from its schema. */
import type { JobKind } from '#shared/jobs.ts';
import { rowOf } from '#main/services/recordings.ts';
import type { JobOutput } from '#main/jobs/job.ts';
import type { Study } from '#main/services/study.ts';
import { fieldsOfVerb, optionsOfVerb, requestOf } from './arguments.ts';
import { partFromFile } from './part-file.ts';
import { inStudy, runToEnd } from './session.ts';
import { UsageError, type Verb } from './verb.ts';

const words: Record<JobKind, { summary: string; usage: string }> = {
  sample: { summary: 'Writes the sample recordings into a study and adds them.', usage: '--study DIR' },
  import: {
    summary: 'Adds files and folders to a study; a bad file is listed, not fatal.',
    usage: '--study DIR PATH…',
  },
  prepare: { summary: 'Filters, references and cuts recordings into segments.', usage: '--study DIR' },
  distill: {
    summary: 'Learns to describe segments, rejects the oddest, keeps the most spread-out share.',
    usage: '--study DIR',
  },
  pretrain: {
    summary: 'Pre-trains a model without labels on a distillate, on all, or on a random share.',
    usage: '--study DIR',
  },
  finetune: {
    summary: 'Fits a model to labels and tests it by subject, trial or window.',
    usage: '--study DIR',
  },
  calibrate: {
    summary: 'Fits a model to one subject with few labelled minutes.',
    usage: '--study DIR --subject S',
  },
  export: {
    summary: 'Writes a subset, model or report, reads it back, compares.',
    usage: '--study DIR --what subset|model|report --format F --out DIR [--card FILE.json]',
  },
};

export function jobVerb(kind: JobKind): Verb {
  const { input, params, part } = fieldsOfVerb(kind);
  return {
    ...words[kind],
    options: optionsOfVerb(kind),
    fields: [...input, ...params, ...part],
    takesWords: kind === 'import',
    async run({ flags, values, rest, signal }) {
      if (kind === 'import' && rest.length === 0)
        throw new UsageError('Which files or folders? Name at least one.');
      const request = requestOf(kind, values, rest, await partFromFile(kind, values));
      return inStudy(flags, async (study) => {
        const { output } = await runToEnd(study, request, flags, signal);
        const json = resultJson(study, kind, output);
        return { json, text: [output.result, ...refusedWords(output)].join('\n') };
      });
    },
  };
}

/** Files that an import could not use, each with its reason. */
function refusedWords({ facts }: JobOutput): string[] {
  const refused = Array.isArray(facts['refused'])
    ? (facts['refused'] as { path: string; reason: string }[])
    : [];
  return refused.map(({ path, reason }) => (reason.includes(path) ? `  ${reason}` : `  ${path}: ${reason}`));
}

function resultJson(study: Study, kind: JobKind, output: JobOutput): Record<string, unknown> {
  if (kind === 'import' || kind === 'sample') {
    const { catalog } = study;
    const none = new Map();
    const rows = catalog.recordings.list();
    return {
      recordings: rows.map((recording) => {
        const { status, findings } = rowOf(catalog, recording, none);
        return {
          id: recording.id,
          path: recording.path,
          dataset: recording.dataset,
          subject: recording.subject,
          status,
          findings,
        };
      }),
      duplicates: rows
        .filter((recording) => recording.duplicateOf !== null)
        .map(({ id, path, duplicateOf }) => ({ id, path, duplicateOf })),
      ...output.facts,
    };
  }
  const manifest = output.artifacts.at(-1);
  return { id: manifest?.id, hash: manifest?.hash, ...output.facts };
}
