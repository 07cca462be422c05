/** Every service and method of Limbeck: the table of contents of the application. */
import { eventIterator, oc, type } from '@orpc/contract';
import * as z from 'zod';
import { channelAnswer } from './eeg/lab-profile.ts';
import { errorCodes, type ErrorCode } from './errors.ts';
import { jobEventMessage, jobInput } from './job-input.ts';
import type { EvaluationFile } from './metrics.ts';
import type { JobRecord } from './jobs.ts';
import type * as view from './views.ts';

const id = z.string().min(1).max(200);
const seconds = z.number().min(-1e7).max(1e9);
/** HTTP status of every refusal of the closed list. */
export const refusalStatus = 422;
const refusal = { status: refusalStatus, data: z.record(z.string(), z.unknown()) } as const;
const base = oc.errors(
  Object.fromEntries(errorCodes.map((code) => [code, refusal])) as Record<ErrorCode, typeof refusal>,
);

/** Display filters of a page; the recording itself is never changed. */
export const pageFilters = z.object({
  lffHz: z.number().min(0).max(100).default(1),
  hffHz: z.number().min(0).max(1000).default(70),
  notchHz: z.number().min(0).max(100).default(0),
});
export const pageRequest = pageFilters.extend({
  recording: id,
  startS: seconds,
  seconds: z.number().positive().max(3600),
  montage: z.string().max(60).default('as-recorded'),
  /** 0: every sample; else minimum and maximum per pixel once there are more than two samples a pixel. */
  pixels: z.number().int().min(0).max(20_000).default(0),
});
export const mark = z.object({
  startS: seconds,
  durationS: z.number().min(0),
  text: z.string().min(1).max(200),
  channel: z.string().max(100).nullable(),
});

export const contract = {
  system: {
    get: base.output(type<view.SystemView>()),
    engines: base.input(z.object({ again: z.boolean().default(false) })).output(type<view.EngineView[]>()),
    openStudy: base.input(z.object({ path: z.string().min(1) })).output(type<view.StudyView>()),
    /** Writes the sample study into a new folder and opens it. */
    openSample: base.output(type<view.StudyView>()),
    closeStudy: base.output(type<{ closed: true }>()),
    /** What lies in a folder, for hosts without a native dialog. */
    folder: base
      .input(z.object({ path: z.string() }))
      .output(type<{ path: string; parent: string | null; entries: view.FolderEntry[] }>()),
    /** Fires with the names of what changed: 'recordings', 'channels', 'marks', 'artifacts', 'study'. */
    changes: base.output(eventIterator(type<{ topics: string[] }>())),
  },
  recordings: {
    list: base.output(type<{ groups: view.GroupView[]; recordings: view.RecordingRow[] }>()),
    get: base.input(z.object({ id })).output(type<view.RecordingDetail>()),
    mark: base.input(z.object({ recording: id, mark })).output(type<view.MarkView>()),
    unmark: base.input(z.object({ recording: id, id })).output(type<{ removed: view.MarkView }>()),
    /** What a person says of automatic marks, `null` to take it back; `bad` marks channels bad again, as "back to automatic" undoes. */
    answer: base
      .input(
        z.object({
          recording: id,
          answers: z
            .array(z.object({ id, answer: z.enum(['accepted', 'rejected']).nullable() }))
            .max(100_000),
          bad: z.array(z.number().int().min(0)).max(10_000).default([]),
        }),
      )
      .output(type<{ answered: number }>()),
    /** Takes back what people said of the automatic marks and of the channel, or of all channels (`null`). */
    backToAutomatic: base
      .input(z.object({ recording: id, channel: z.number().int().min(0).nullable() }))
      .output(type<{ answers: { id: string; answer: 'accepted' | 'rejected' }[]; bad: number[] }>()),
    setBad: base
      .input(z.object({ recording: id, channel: z.number().int().min(0), bad: z.boolean() }))
      .output(type<{ bad: boolean }>()),
  },
  repairs: {
    /** What a mended copy would change and where it would go; '' proposes a folder of the study. Writes nothing. */
    plan: base
      .input(z.object({ recording: id, folder: z.string().max(4000).default('') }))
      .output(type<view.RepairPlanView>()),
    /** The copies written so far, by recording; newest first. */
    copies: base.output(type<Record<string, view.RepairedCopy[]>>()),
    /** Writes mended copies, one after another; leaving the stream stops, and only whole copies stay. */
    write: base
      .input(
        z.object({ recordings: z.array(id).min(1).max(100_000), folder: z.string().max(4000).default('') }),
      )
      .output(eventIterator(type<view.RepairMessage>())),
  },
  signals: {
    window: base.input(pageRequest).output(type<view.WindowView>()),
    overview: base
      .input(z.object({ recording: id, columns: z.number().int().min(10).max(4000) }))
      .output(type<view.OverviewView>()),
    spectrum: base.input(pageRequest).output(type<view.SpectrumView>()),
  },
  channelMaps: {
    patterns: base.output(type<view.PatternView[]>()),
    coverage: base.output(type<view.CoverageView>()),
    /** Answers by channel name (the label, '#2' on a repeated one); kept in the lab profile and applied to all. */
    answer: base
      .input(z.object({ answers: z.record(z.string(), channelAnswer) }))
      .output(type<{ recordings: number }>()),
    profile: base.output(type<{ json: string }>()),
    useProfile: base
      .input(z.object({ json: z.string().max(1_000_000) }))
      .output(type<{ recordings: number; changes: string[] }>()),
  },
  datasets: {
    segments: base.output(type<view.SegmentsView[]>()),
    distillates: base.output(type<view.DistillateView[]>()),
    distillate: base.input(z.object({ id })).output(type<view.DistillateView>()),
    map: base.input(z.object({ id })).output(type<view.SegmentMapView>()),
    explain: base
      .input(z.object({ id, index: z.number().int().min(0), keep: z.number().min(0).max(1) }))
      .output(type<view.SegmentExplanation>()),
    rejected: base.input(z.object({ id })).output(type<view.RejectedTile[]>()),
    /** Segments around a time, for the band above the page. */
    at: base
      .input(z.object({ id, recording: id, startS: seconds, endS: seconds }))
      .output(type<{ startS: number; endS: number; index: number; fate: string; text: string }[]>()),
  },
  models: {
    list: base.output(type<view.ModelView[]>()),
    get: base.input(z.object({ id })).output(type<view.ModelView>()),
    evaluation: base.input(z.object({ id })).output(type<EvaluationFile & { id: string; model: string }>()),
    evaluations: base.output(type<(EvaluationFile & { id: string; model: string })[]>()),
    calibration: base.input(z.object({ id })).output(type<view.CalibrationView>()),
    labels: base.output(type<{ label: string; segments: number; trials: number; subjects: number }[]>()),
    subjects: base.output(type<{ subject: string; minutes: number; trials: Record<string, number> }[]>()),
  },
  exports: {
    list: base.output(type<view.ExportView[]>()),
    card: base
      .input(z.object({ what: z.enum(['subset', 'model', 'report']), id: z.string() }))
      .output(type<view.CardDraft>()),
  },
  jobs: {
    list: base.output(type<JobRecord[]>()),
    get: base.input(z.object({ id })).output(type<view.JobView>()),
    runs: base.output(type<view.RunRow[]>()),
    lineage: base.input(z.object({ id })).output(type<view.LineageView>()),
    estimate: base.input(jobInput).output(type<view.Estimate>()),
    /** Everything that changed the study, each entry chained to the one before; `firstBroken` names one edited afterwards. */
    audit: base.output(type<view.AuditView>()),
    /** The command line that does the same as the form. */
    command: base.input(jobInput).output(type<{ command: string }>()),
    start: base.input(jobInput).output(type<JobRecord>()),
    stop: base.input(z.object({ id, how: z.enum(['keep', 'discard', 'pause']) })).output(type<JobRecord>()),
    resume: base.input(z.object({ id })).output(type<JobRecord>()),
    /** Every job's changes; starts with the state of those not ended. At most ten progress messages a second. */
    events: base.output(eventIterator(jobEventMessage)),
  },
};

export type Contract = typeof contract;
