/** The part of edfdecoder 0.1.2 that is used here; the package itself brings no types. */
declare module 'edfdecoder' {
  export interface DecodedEdf {
    getPhysicalSignal(signal: number, record: number): Float32Array;
    getRawSignal(signal: number, record: number): Int16Array;
  }
  export class EdfDecoder {
    setInput(buffer: ArrayBuffer): void;
    decode(): void;
    getOutput(): DecodedEdf | null;
  }
  const edfdecoder: { EdfDecoder: typeof EdfDecoder };
  export default edfdecoder;
}
