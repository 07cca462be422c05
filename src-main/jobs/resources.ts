/** What several jobs begin with: an artifact of the study, and the engine. */
import { AppError } from '#shared/errors.ts';
import { engineNames, startEngine, type EngineName } from '#main/engine/engine.ts';
import {
  artifactKey,
  findArtifact,
  type ArtifactIdentity,
  type OpenedArtifact,
} from '#main/store/artifact.ts';
import { sha256 } from '#main/store/canonical.ts';
import type { JobContext } from './job.ts';

/** @throws AppError 'not-found' when the study's folder lacks it */
export async function openedArtifact(studyDir: string, id: string): Promise<OpenedArtifact> {
  const artifact = await findArtifact(studyDir, id);
  if (!artifact)
    throw new AppError(
      'not-found',
      `The files of ${id} are not in the study's folder. Make it again; the same input gives the same result.`,
    );
  return artifact;
}

export interface JobEngine {
  name: EngineName;
  /** For the result's identity: all that took part in this run, 'webgpu+wasm'. */
  label: string;
}

/** Starts the engine that was asked for, or another when that one was lost, and tells which one it is. */
export async function startJobEngine(context: JobContext): Promise<JobEngine> {
  const lost = context.lostEngines;
  const asked = engineNames.find((known) => known === context.engine);
  const engine = await startEngine(lost.length > 0 ? 'auto' : (asked ?? 'auto'), { without: lost });
  for (const { name: other, reason } of engine.passedOver)
    context.report({ type: 'note', level: 'info', text: `${other} is not used: ${reason}` });
  context.engineChosen(`${engine.name}, ${engine.device}`);
  return { name: engine.name, label: [...lost, engine.name].join('+') };
}

/** Names the checkpoints of a result by the engine that began it, so that whoever goes on finds them. */
export function workKey(identity: ArtifactIdentity): string {
  return artifactKey({ ...identity, engine: identity.engine.split('+')[0]! });
}

/**
 * What was stopped by hand and kept is another thing than what was asked for: it gets a key of its own, by its content, and
 * the same request again goes on from the checkpoint to its end.
 */
export function stoppedIdentity<Identity extends ArtifactIdentity>(
  identity: Identity,
  ...contents: Uint8Array[]
): Identity {
  return { ...identity, params: { ...identity.params, stopped: contents.map(sha256) } };
}
