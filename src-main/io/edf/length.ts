/** How many whole records a file really holds, whatever its header says. */
import type { EdfHeader } from './header.ts';
import { finding } from '../finding.ts';

/**
 * Sets `header.records` from header and size, and says what differed.
 *
 * @param continues whether a record beyond the declared count goes on in time; null when the file cannot tell
 */
export function settleRecords(
  header: EdfHeader,
  size: number,
  continues: (record: number) => boolean | null,
): void {
  const { declaredRecords: declared, recordBytes } = header;
  const dataBytes = size - header.headerBytes;
  const whole = Math.floor(dataBytes / recordBytes);
  const rest = dataBytes - whole * recordBytes;
  const at = `Header byte 236: "${Number.isNaN(declared) ? '' : declared}"`;
  const tell = (code: string, severity: 'info' | 'warning', where: string, effect: string, remedy: string) =>
    header.findings.push(finding(code, severity, where, effect, remedy));
  const cut = () =>
    tell(
      'truncated-record',
      'warning',
      `Byte ${size - rest}`,
      `The last record is cut (${rest} of ${recordBytes} bytes).`,
      'The whole records before it are used; copy the file again if the end matters.',
    );
  header.records = whole;
  if (!Number.isInteger(declared) || declared < 0) {
    tell(
      'record-count-missing',
      'warning',
      at,
      `The recorder did not finish the file; it holds ${whole} whole records.`,
      'The number was taken from the length of the file; a repaired copy carries it.',
    );
    if (rest > 0) cut();
  } else if (whole < declared) {
    tell(
      'record-count-too-large',
      'warning',
      at,
      `The header promises ${declared} records, the file holds ${whole}; the end is missing.`,
      'The records that are there are used; copy the file again if the end matters.',
    );
    if (rest > 0) cut();
  } else if (whole > declared) {
    const goesOn = continues(declared) ?? rest === 0;
    if (!goesOn) header.records = declared;
    tell(
      goesOn ? 'record-count-too-small' : 'trailing-bytes',
      'warning',
      goesOn ? at : `Byte ${header.headerBytes + declared * recordBytes}`,
      goesOn
        ? `The header promises ${declared} records, the file holds ${whole}; it may still be recorded.`
        : `${dataBytes - declared * recordBytes} bytes after the last record do not continue the recording.`,
      goesOn ? 'All whole records are used; a repaired copy carries the number.' : 'They are left out.',
    );
    if (goesOn && rest > 0) cut();
  } else if (rest > 0)
    tell(
      'trailing-bytes',
      'warning',
      `Byte ${size - rest}`,
      `${rest} bytes follow the last record; they are no part of the recording.`,
      'They are left out; a repaired copy ends where the records end.',
    );
}
