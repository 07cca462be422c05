import { describe, expect, it } from 'vitest';
import type { MarkView } from '#shared/views.ts';
import { Annotations } from '#renderer/viewer/annotations.ts';
import { UndoStack } from '#renderer/undo.svelte.ts';

/** Marks and bad channels as a study keeps them. */
function studyInMemory() {
  let next = 1;
  const marks: MarkView[] = [];
  const bad = new Set<number>();
  const api = {
    mark: async ({ mark }: { mark: Omit<MarkView, 'id' | 'source'> }): Promise<MarkView> => {
      const view = { id: `m${next++}`, source: 'human' as const, ...mark };
      marks.push(view);
      return view;
    },
    unmark: async ({ id }: { id: string }): Promise<{ removed: MarkView }> => {
      const at = marks.findIndex((mark) => mark.id === id);
      if (at < 0) throw new Error('This mark is gone already.');
      return { removed: marks.splice(at, 1)[0]! };
    },
    setBad: async ({ channel, bad: to }: { channel: number; bad: boolean }): Promise<{ bad: boolean }> => {
      if (to) bad.add(channel);
      else bad.delete(channel);
      return { bad: to };
    },
  };
  const undo = new UndoStack();
  const annotations = new Annotations(api as never, 'R1', (change) => undo.push(change));
  return { marks, bad, undo, annotations };
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

  it('turn an automatic mark into one by hand', async () => {
    const { marks, annotations } = studyInMemory();
    const found: MarkView = { id: 'a1', source: 'automatic', ...closed };
    marks.push(found);
    await annotations.accept(found);
    expect(marks.map(({ source }) => source)).toEqual(['human']);
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
