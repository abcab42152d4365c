/** What Linux says about a process, read from /proc. Reads only. */
import { readFileSync } from "node:fs";

/** Clock ticks of /proc a second, on every Linux that Node runs on. */
const TICKS = 100;

export interface Memory {
  /** MB, resident now. */
  readonly resident: number;
  /** MB, the most there ever was. */
  readonly peak: number;
}

/** @throws where the process is gone */
export function memoryOf(pid: number): Memory {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const field = (name: string): number => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) / 1024;
  return { resident: field("VmRSS"), peak: field("VmHWM") };
}

/** Seconds of processor time, user and system, of all its threads; children are not counted. */
export function cpuSecondsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The name may hold spaces and brackets; utime and stime are the 14th and 15th field.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

export function argumentsOf(pid: number): readonly string[] {
  return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
}
