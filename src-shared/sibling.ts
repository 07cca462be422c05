/** Finds a program file beside another one, in the sources as in the release bundle. */

/** @param from the asking file's `import.meta.url`; @param name relative, without ending: './parallel-worker' */
export function sibling(from: string, name: string): URL {
  return new URL(`${name}${from.endsWith('.ts') ? '.ts' : '.js'}`, from);
}
