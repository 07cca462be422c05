import { describe, expect, it } from 'vitest';
import type { MarkView } from '#shared/views.ts';
import { Annotations } from '#renderer/viewer/annotations.ts';
import { UndoStack } from '#renderer/undo.svelte.ts';

interface Answer {
  id: string;
  answer: 'accepted' | 'rejected' | null;
}

/** Marks and bad channels as a study keeps them; an automatic mark is kept with what was said of it. */
function studyInMemory() {
  let next = 1;
  const marks: MarkView[] = [];
  const bad = new Set<number>();
  const answered = new Map<string, Answer['answer']>();
  const api = {
    mark: async ({ mark }: { mark: Omit<MarkView, 'id' | 'source'> }): Promise<MarkView> => {
      const view = { id: `m${next++}`, source: 'human' as const, ...mark };
      marks.push(view);
      return view;
    },
    unmark: async ({ id }: { id: string }): Promise<{ removed: MarkView }> => {
      const at = marks.findIndex((mark) => mark.id === id);
      if (marks[at]?.found) answered.set(id, 'rejected');
      if (at < 0) throw new Error('This mark is gone already.');
      return { removed: marks[at]!.found ? marks[at]! : marks.splice(at, 1)[0]! };
    },
    setBad: async ({ channel, bad: to }: { channel: number; bad: boolean }): Promise<{ bad: boolean }> => {
      if (to) bad.add(channel);
      else bad.delete(channel);
      return { bad: to };
    },
    answer: async ({ answers, bad: again = [] }: { answers: Answer[]; bad?: number[] }) => {
      for (const { id, answer } of answers) answered.set(id, answer);
      for (const channel of again) bad.add(channel);
      return { answered: answers.length };
    },
    backToAutomatic: async ({ channel }: { channel: number | null }) => {
      const taken = {
        answers: [...answered].flatMap(([id, answer]) => (answer === null ? [] : [{ id, answer }])),
        bad: [...bad].filter((position) => channel === null || position === channel),
      };
      for (const { id } of taken.answers) answered.set(id, null);
      for (const position of taken.bad) bad.delete(position);
      return taken;
    },
  };
  const undo = new UndoStack();
  const annotations = new Annotations(api as never, 'R1', (change) => undo.push(change));
  return { marks, bad, answered, undo, annotations };
}
const closed = { startS: 12, durationS: 0, text: 'Eyes closed', channel: null };

describe('marks and bad channels', () => {
  it('can be taken back and made again, any number of times', async () => {
    const { marks, undo, annotations } = studyInMemory();
    await annotations.mark(closed);
    for (let round = 0; round < 3; round++) {
      await undo.undo();
      expect(marks).toEqual([]);
      await undo.redo();
      expect(marks).toHaveLength(1);
      expect(marks[0]).toMatchObject(closed);
    }
  });

  it('come back after being taken away', async () => {
    const { marks, undo, annotations } = studyInMemory();
    await annotations.remove(await annotations.mark(closed));
    expect(marks).toEqual([]);
    await undo.undo();
    expect(marks[0]).toMatchObject(closed);
    await undo.redo();
    expect(marks).toEqual([]);
  });

  it('never touch a mark of the file', async () => {
    const { annotations, undo } = studyInMemory();
    const ofFile: MarkView = { id: 'file-0', source: 'file', ...closed };
    await expect(annotations.remove(ofFile)).rejects.toThrow(/never changed/);
    expect(undo.next).toBeNull();
  });

  const found: MarkView = { id: 'a1', source: 'automatic', found: true, ...closed };

  it('of the machine are accepted all at once, and that is taken back at once', async () => {
    const { answered, undo, annotations } = studyInMemory();
    await annotations.accept([found, { ...found, id: 'a2' }]);
    expect([...answered.values()]).toEqual(['accepted', 'accepted']);
    expect(undo.next?.name).toBe('accept 2 marks');
    await undo.undo();
    expect([...answered.values()]).toEqual([null, null]);
    await undo.redo();
    expect([...answered.values()]).toEqual(['accepted', 'accepted']);
  });

  it('of the machine wait for an answer again when a rejection is taken back', async () => {
    const { marks, answered, undo, annotations } = studyInMemory();
    marks.push(found);
    await annotations.remove(found);
    expect(answered.get('a1')).toBe('rejected');
    await undo.undo();
    expect(answered.get('a1')).toBeNull();
    expect(marks).toEqual([found]);
    await annotations.remove({ ...found, source: 'human' });
    await undo.undo();
    expect(answered.get('a1')).toBe('accepted');
  });

  it('go back to automatic for a channel or for all, say what that was, and come back', async () => {
    const { bad, answered, undo, annotations } = studyInMemory();
    await annotations.setBad({ position: 4, label: 'C4' }, true);
    await annotations.setBad({ position: 5, label: 'T8' }, true);
    expect(await annotations.backToAutomatic({ position: 4, label: 'C4' })).toBe(
      'C4 is back to automatic: 1 channel no longer bad.',
    );
    expect([...bad]).toEqual([5]);
    await undo.undo();
    expect([...bad].sort()).toEqual([4, 5]);
    await annotations.accept([found]);
    expect(await annotations.backToAutomatic(null)).toBe(
      'The recording is back to automatic: 1 automatic mark open again, 2 channels no longer bad.',
    );
    expect([bad.size, answered.get('a1')]).toEqual([0, null]);
    await undo.undo();
    expect([[...bad].sort(), answered.get('a1')]).toEqual([[4, 5], 'accepted']);
    await undo.redo();
    expect([bad.size, answered.get('a1')]).toEqual([0, null]);
    const before = undo.next;
    expect(await annotations.backToAutomatic(null)).toMatch(/nobody changed it/);
    expect(undo.next).toBe(before);
  });

  it('name the channel in what can be undone', async () => {
    const { bad, undo, annotations } = studyInMemory();
    await annotations.setBad({ position: 4, label: 'C4' }, true);
    expect(undo.next?.name).toBe('mark bad, C4');
    await undo.undo();
    expect(bad.size).toBe(0);
  });

  it('leave nothing to undo when the study refuses', async () => {
    const { undo, annotations } = studyInMemory();
    await expect(annotations.remove({ id: 'gone', source: 'human', ...closed })).rejects.toThrow(/gone/);
    expect(undo.next).toBeNull();
  });
});
