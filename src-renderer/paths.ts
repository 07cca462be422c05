/** Paths as people read them, on any system. */

/** Last part of a path, of either slant. */
export function baseName(path: string): string {
  return (
    path
      .replace(/[/\\]+$/, '')
      .split(/[/\\]/)
      .at(-1) ?? path
  );
}

/** Joins with the separator the folder itself uses. */
export function joinPath(folder: string, ...parts: string[]): string {
  const separator = folder.includes('\\') && !folder.includes('/') ? '\\' : '/';
  return [folder.replace(/[/\\]+$/, ''), ...parts].join(separator);
}

/** Where a new study for these recordings could be kept: beside the user's other studies, never among the recordings. */
export function proposeStudyPath(home: string, recordings: string): string {
  const name = baseName(recordings).replace(/\.[^.]+$/, '') || 'Study';
  return joinPath(home, 'Limbeck', name);
}
