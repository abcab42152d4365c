/**
 * Logging: one JSON line per event on standard error, a constant message with keys and values. Values of Secrets and
 * credentials are never passed here; the redact list is the second net.
 */
import { pino, type Logger } from "pino";

export type Log = Logger;

const redacted = [
  "data",
  "stringData",
  "token",
  "password",
  "authorization",
  "*.data",
  "*.stringData",
  "*.token",
  "*.password",
  "headers.authorization",
];

export function createLog(level: string, version: string): Log {
  return pino(
    {
      level,
      base: { version },
      messageKey: "msg",
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: redacted, censor: "<redacted>" },
      formatters: { level: (label) => ({ level: label }) },
    },
    pino.destination({ dest: 2, sync: true }),
  );
}

export const silentLog: Log = pino({ level: "silent" });
