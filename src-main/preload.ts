/** The only bridge under Electron: three native things that a page cannot do by itself. */
import { contextBridge, ipcRenderer, webUtils } from 'electron';

contextBridge.exposeInMainWorld('limbeckHost', {
  /** A folder chosen in the system's dialog, or null. */
  chooseFolder: (): Promise<string | null> => ipcRenderer.invoke('choose-folder'),
  /** Where a file that was dropped on the window lies. */
  droppedPath: (file: File): string => webUtils.getPathForFile(file),
  setTheme: (theme: 'light' | 'dark' | 'system'): Promise<void> => ipcRenderer.invoke('set-theme', theme),
});
