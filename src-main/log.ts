/** One log: readable lines on stderr, NDJSON in a file when asked for. Names of patients never reach it: only ids and codes are logged. */
import { appendFileSync } from 'node:fs';

export type LogLevel = 'info' | 'warning' | 'error';

export interface Logger {
  log(level: LogLevel, message: string, facts?: Record<string, unknown>): void;
}

export const silentLogger: Logger = { log: () => undefined };

/** @param file NDJSON, appended to; none when undefined */
export function createLogger(file?: string): Logger {
  return {
    log(level, message, facts = {}) {
      const at = new Date().toISOString();
      process.stderr.write(`${at.slice(11, 19)} ${level.padEnd(7)} ${message}\n`);
      if (file) appendFileSync(file, `${JSON.stringify({ at, level, message, ...facts })}\n`);
    },
  };
}
