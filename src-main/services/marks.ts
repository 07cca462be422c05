/** What people mark on recordings, and what they say of marks that were found automatically; every change is in the audit trail. */
import { randomUUID } from 'node:crypto';
import { AppError } from '#shared/errors.ts';
import type { AnsweredMark } from '#shared/views.ts';
import type { Catalog } from '#main/catalog/catalog.ts';
import { entriesOf } from './channel-entries.ts';
import { os } from './implementer.ts';
import type { Studies } from './study.ts';

/** Procedures of the recordings' service. */
export function markProcedures(studies: Studies) {
  return {
    mark: os.recordings.mark.handler(({ input }) => {
      const { catalog } = studies.current();
      check(catalog, input.recording);
      const view = { id: randomUUID(), source: 'human' as const, ...input.mark };
      const at = new Date().toISOString();
      catalog.transaction(() => {
        catalog.marks.add(input.recording, view, at);
        catalog.audit.append('mark', { recording: input.recording, id: view.id }, at);
      });
      studies.changed('marks');
      return view;
    }),
    unmark: os.recordings.unmark.handler(({ input }) => {
      const { catalog } = studies.current();
      const removed = catalog.marks.get(input.id);
      if (!removed) throw new AppError('not-found', 'This mark is gone already.');
      const at = new Date().toISOString();
      catalog.transaction(() => {
        catalog.marks.remove(input.id);
        catalog.audit.append('unmark', { recording: input.recording, id: input.id }, at);
      });
      studies.changed('marks');
      return { removed };
    }),
    answer: os.recordings.answer.handler(({ input }) => {
      const { catalog } = studies.current();
      check(catalog, input.recording);
      const at = new Date().toISOString();
      catalog.transaction(() => {
        for (const { id, answer } of input.answers)
          if (!catalog.marks.answer(id, answer))
            throw new AppError('not-found', 'This automatic mark is gone. Open the recording again.');
        for (const channel of input.bad) catalog.marks.setBad(input.recording, channel, true);
        catalog.audit.append(
          'automatic marks answered',
          { recording: input.recording, answers: input.answers, bad: input.bad },
          at,
        );
      });
      studies.changed('marks', ...(input.bad.length > 0 ? (['channels'] as const) : []));
      return { answered: input.answers.length };
    }),
    backToAutomatic: os.recordings.backToAutomatic.handler(({ input }) => {
      const { catalog } = studies.current();
      check(catalog, input.recording);
      const taken = changedByPeople(catalog, input.recording, input.channel);
      if (taken.answers.length + taken.bad.length === 0) return taken;
      const at = new Date().toISOString();
      catalog.transaction(() => {
        for (const { id } of taken.answers) catalog.marks.answer(id, null);
        for (const channel of taken.bad) catalog.marks.setBad(input.recording, channel, false);
        catalog.audit.append(
          'back to automatic',
          { recording: input.recording, channel: input.channel, ...taken },
          at,
        );
      });
      studies.changed('marks', ...(taken.bad.length > 0 ? (['channels'] as const) : []));
      return taken;
    }),
    setBad: os.recordings.setBad.handler(({ input }) => {
      const { catalog } = studies.current();
      check(catalog, input.recording);
      const at = new Date().toISOString();
      catalog.transaction(() => {
        catalog.marks.setBad(input.recording, input.channel, input.bad);
        catalog.audit.append(
          input.bad ? 'channel bad' : 'channel good',
          { recording: input.recording, channel: input.channel },
          at,
        );
      });
      studies.changed('marks', 'channels');
      return { bad: input.bad };
    }),
  };
}

function check(catalog: Catalog, recording: string): void {
  if (!catalog.recordings.get(recording))
    throw new AppError('not-found', `There is no recording ${recording} in this study.`);
}

/** What people said of the automatic marks and channels. @param channel position in the file; null: all of the recording */
function changedByPeople(
  catalog: Catalog,
  recording: string,
  channel: number | null,
): { answers: { id: string; answer: AnsweredMark['answer'] }[]; bad: number[] } {
  const own = entriesOf(catalog, recording).find(({ position }) => position === channel);
  const names = own && [own.label, own.name, own.electrode, own.bipolar?.join('-')];
  const isOwn = (of: string | null): boolean => channel === null || (of !== null && !!names?.includes(of));
  return {
    answers: catalog.marks
      .answered(recording)
      .filter(({ mark }) => isOwn(mark.channel))
      .map(({ mark, answer }) => ({ id: mark.id, answer })),
    bad: [...catalog.marks.badChannels(recording)]
      .filter((position) => channel === null || position === channel)
      .sort((a, b) => a - b),
  };
}
