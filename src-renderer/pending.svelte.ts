/** What one screen hands to the next without writing it into the address: paths end up in no log and no title. */
class Pending {
  /** Folders and files to be added, chosen or dropped. */
  paths = $state.raw<string[]>([]);

  add(...paths: string[]): void {
    this.paths = [...new Set([...this.paths, ...paths])];
  }

  remove(path: string): void {
    this.paths = this.paths.filter((other) => other !== path);
  }

  clear(): void {
    this.paths = [];
  }
}

export const pending = new Pending();
