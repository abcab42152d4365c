/** What Linux says about a process, read from /proc. Reads only. */
import { readdirSync, readFileSync } from "node:fs";

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

/** A process and everything it started. */
function familyOf(pid: number): readonly number[] {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, "utf8").split(" ").filter(Boolean).map(Number),
  );
  return [pid, ...children.flatMap(familyOf)];
}

/** MB of a process and its children, what they share counted once: what a container is charged for. */
export function familyMemoryOf(pid: number): number {
  let kilobytes = 0;
  for (const member of familyOf(pid)) {
    try {
      kilobytes += Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${member}/smaps_rollup`, "utf8"))?.[1] ?? 0);
    } catch {
      // It ended meanwhile.
    }
  }
  return kilobytes / 1024;
}

export function argumentsOf(pid: number): readonly string[] {
  return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
}
