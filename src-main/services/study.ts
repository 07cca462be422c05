/** The study that is open: its catalog, its queue, and who wants to hear of changes. */
import { existsSync, readdirSync, statSync, accessSync, constants } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { AppError } from '#shared/errors.ts';
import type { StudyView } from '#shared/views.ts';
import { openCatalog, type Catalog } from '#main/catalog/catalog.ts';
import { makeFolder } from '#main/io/make-folder.ts';
import type { StartJob } from '#main/jobs/runner.ts';
import type { SettingsFile } from '#main/settings.ts';
import { bringBack } from '#main/store/aside.ts';
import { Broadcast } from './broadcast.ts';
import { JobQueue } from './job-queue.ts';
import { OpenRecordings } from './open-recordings.ts';

export type Topic = 'study' | 'recordings' | 'channels' | 'marks' | 'artifacts';

export interface Study {
  readonly dir: string;
  readonly catalog: Catalog;
  readonly queue: JobQueue;
  readonly files: OpenRecordings;
}

export class Studies {
  readonly changes = new Broadcast<{ topics: string[] }>();
  readonly #settings: SettingsFile;
  readonly #startJob: StartJob;
  #open: Study | null = null;

  constructor(settings: SettingsFile, startJob: StartJob) {
    this.#settings = settings;
    this.#startJob = startJob;
  }

  get open(): Study | null {
    return this.#open;
  }

  /** @throws AppError 'no-data' when no study is open */
  current(): Study {
    if (!this.#open)
      throw new AppError('no-data', 'No study is open. Open one, or start with the sample study.');
    return this.#open;
  }

  changed(...topics: Topic[]): void {
    this.changes.send({ topics });
  }

  /**
   * Opens the study in a folder; an empty or new folder becomes one.
   * @throws AppError 'conflict' when the folder holds other things and no study
   */
  async openAt(path: string): Promise<StudyView> {
    const dir = resolve(path);
    if (this.#open?.dir === dir) return this.view();
    refuseForeignFolder(dir);
    const catalog = openCatalog(dir);
    try {
      // What a killed "reproduce" had put aside.
      await bringBack(dir);
    } catch (error) {
      catalog.close();
      throw AppError.from(error);
    }
    await this.close();
    const study: Study = {
      dir,
      catalog,
      files: new OpenRecordings(catalog),
      queue: new JobQueue(catalog, this.#startJob, (...topics) => this.changed(...topics)),
    };
    this.#open = study;
    study.queue.recover();
    this.#settings.remember(catalog.name, dir);
    this.changed('study');
    return this.view();
  }

  view(): StudyView {
    const { catalog, dir } = this.current();
    const recordings = catalog.recordings.list();
    const used = recordings.filter(
      (recording) => recording.refusal === null && recording.duplicateOf === null,
    );
    return {
      name: catalog.name,
      path: dir,
      recordings: recordings.length,
      subjects: new Set(used.map((recording) => recording.subject)).size,
      hours: used.reduce((sum, recording) => sum + recording.durationS, 0) / 3600,
      questions: catalog.recordings.openQuestions(),
      distillates: catalog.artifacts.list('distillate').length,
      models: catalog.artifacts.list('model').length,
      runs: catalog.jobs.list().length,
    };
  }

  async close(): Promise<void> {
    const study = this.#open;
    this.#open = null;
    if (!study) return;
    await study.queue.close();
    await study.files.close();
    study.catalog.close();
    this.changed('study');
  }
}

function refuseForeignFolder(dir: string): void {
  if (!existsSync(dir)) {
    const parent = dirname(dir);
    try {
      makeFolder(parent);
      accessSync(parent, constants.W_OK);
    } catch (error) {
      throw AppError.from(error);
    }
    return;
  }
  if (!statSync(dir).isDirectory()) {
    throw new AppError('invalid-input', `${dir} is a file. A study is a folder; choose or name a folder.`);
  }
  const entries = readdirSync(dir).filter((name) => !name.startsWith('.'));
  if (entries.length > 0 && !existsSync(join(dir, 'study.sqlite'))) {
    if (entries.includes('artifacts'))
      throw new AppError(
        'damaged-file',
        `${dir} holds the artifacts of a study, but its study.sqlite is missing. Put back a copy of that file; the artifacts are not affected.`,
      );
    throw new AppError(
      'conflict',
      `${dir} holds other files and no study. Choose an empty folder for a new study; recordings are added from where they are.`,
    );
  }
}
