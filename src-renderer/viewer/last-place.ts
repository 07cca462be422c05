/** The recording read last and the place in it, kept on this computer: /viewer without a name offers it. */

export interface LastPlace {
  recording: string;
  atS: number;
}

const key = 'limbeck.reading.last';

export function readLastPlace(storage: Pick<Storage, 'getItem'>): LastPlace | null {
  const text = storage.getItem(key);
  const [atS, ...name] = (text ?? '').split(' ');
  const recording = name.join(' ');
  return recording !== '' && Number.isFinite(Number(atS)) ? { recording, atS: Number(atS) } : null;
}

export function keepLastPlace(storage: Pick<Storage, 'setItem'>, { recording, atS }: LastPlace): void {
  storage.setItem(key, `${atS} ${recording}`);
}
