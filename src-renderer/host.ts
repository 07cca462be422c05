/** What only the desktop window can do: native folder dialog, where a dropped file lies, the frame's theme. */
export interface Host {
  chooseFolder(): Promise<string | null>;
  droppedPath(file: File): string;
  setTheme(theme: 'light' | 'dark' | 'system'): Promise<void>;
}

declare global {
  interface Window {
    limbeckHost?: Host;
  }
}

/** Null in a plain browser; the page then asks the back end for folders instead. */
export const host: Host | null = typeof window === 'undefined' ? null : (window.limbeckHost ?? null);
