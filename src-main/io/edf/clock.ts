/** When an EDF recording began: two fields and a word in a third, which do not always agree. */
import type { Finding } from '#shared/eeg/recording.ts';
import { finding } from '../finding.ts';
import { addSeconds, formatClock, months, type Clock } from './fields.ts';

/**
 * @param firstOnsetS seconds from the header's clock to the first record
 * @returns 'YYYY-MM-DDTHH:MM:SS[.fff]' or null, and what was odd
 */
export function readStart(
  dateText: string,
  timeText: string,
  recordingInfo: string,
  firstOnsetS: number,
): { startedAt: string | null; findings: Finding[] } {
  const findings: Finding[] = [];
  const short = shortDate(dateText);
  const long = longDate(recordingInfo);
  const time = clockTime(timeText);
  if (short === null)
    findings.push(
      finding(
        'date-odd',
        'warning',
        `Header byte 168: "${dateText}"`,
        long === null
          ? 'The date of the recording is unknown.'
          : 'The date is taken from the recording field.',
        'Nothing to do unless the date matters to you.',
      ),
    );
  else if (/[^\d.]/.test(dateText))
    findings.push(
      finding(
        'date-separator',
        'info',
        `Header byte 168: "${dateText}"`,
        'The date is not separated by points.',
        'Read as day, month, year.',
      ),
    );
  if (
    short &&
    long &&
    !(
      sameDay(short, long) ||
      (short.year % 100 === long.year % 100 && sameDay({ ...short, year: long.year }, long))
    )
  )
    findings.push(
      finding(
        'date-disagrees',
        'warning',
        `Header byte 168: "${dateText}", recording field: "${recordingInfo.slice(0, 21)}"`,
        'The two dates of the header disagree.',
        'The recording field is believed; check the date if it matters.',
      ),
    );
  if (time === null)
    findings.push(
      finding(
        'time-odd',
        'warning',
        `Header byte 176: "${timeText}"`,
        'The time of day is unknown; it is shown as 00:00:00.',
        'Nothing to do unless the time of day matters to you.',
      ),
    );
  else if (time.second > 59 || time.minute > 59 || time.hour > 23)
    findings.push(
      finding(
        'time-odd',
        'info',
        `Header byte 176: "${timeText}"`,
        'A part of the time is out of its range; it was carried over.',
        'Nothing to do.',
      ),
    );
  const day = long ?? short;
  if (day === null) return { startedAt: null, findings };
  if (day.year === 1985 && day.month === 1 && day.day === 1)
    findings.push(
      finding(
        'date-anonymised',
        'info',
        `Header byte 168: "${dateText}"`,
        '1 January 1985 is the date that anonymised files carry.',
        'Do not read anything into it.',
      ),
    );
  const clock: Clock = { ...day, ...(time ?? { hour: 0, minute: 0, second: 0 }), fraction: 0 };
  return { startedAt: formatClock(addSeconds(clock, firstOnsetS)), findings };
}

interface Day {
  year: number;
  month: number;
  day: number;
}

/** Two-digit years are 1985–2084. */
function shortDate(text: string): Day | null {
  const match = /^(\d{1,2})[.:\-/ ](\d{1,2})[.:\-/ ](\d{2})$/.exec(text);
  if (!match) return null;
  const [day, month, short] = match.slice(1).map(Number) as [number, number, number];
  return valid({ year: short >= 85 ? 1900 + short : 2000 + short, month, day });
}

function longDate(recordingInfo: string): Day | null {
  const match = /^Startdate (\d{1,2})-([A-Z]{3})-(\d{4})\b/i.exec(recordingInfo);
  if (!match) return null;
  return valid({
    year: Number(match[3]),
    month: months.indexOf(match[2]!.toUpperCase()) + 1,
    day: Number(match[1]),
  });
}

function clockTime(text: string): { hour: number; minute: number; second: number } | null {
  const match = /^(\d{1,2})[.:\-/ ](\d{1,2})[.:\-/ ](\d{1,2})$/.exec(text);
  if (!match) return null;
  const [hour, minute, second] = match.slice(1).map(Number) as [number, number, number];
  return { hour, minute, second };
}

function valid(day: Day): Day | null {
  const date = new Date(Date.UTC(day.year, day.month - 1, day.day));
  return date.getUTCMonth() + 1 === day.month && date.getUTCDate() === day.day ? day : null;
}

const sameDay = (a: Day, b: Day) => a.year === b.year && a.month === b.month && a.day === b.day;
