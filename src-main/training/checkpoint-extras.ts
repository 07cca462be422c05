/** Lets a recipe keep something of its own in the training loop's checkpoint. */
import type { CheckpointStore } from '#shared/jobs.ts';

/**
 * @param name   key in the checkpoint's state, not one of the loop's own
 * @param save   plain JSON to keep
 * @param resume called with what was kept, when there is a checkpoint with it
 */
export function keepingAlso<Kept>(
  store: CheckpointStore,
  name: string,
  save: () => Kept,
  resume: (kept: Kept) => void,
): CheckpointStore {
  return {
    async load() {
      const found = await store.load();
      if (found && name in found.state) resume(found.state[name] as Kept); // written by `save` below, under the same name
      return found;
    },
    save: (checkpoint) => store.save({ ...checkpoint, state: { ...checkpoint.state, [name]: save() } }),
  };
}
