/** Columns as kubectl prints them: upper-case heads, three spaces between, nothing after the last. */
import { printableLine } from "../../model/printable.ts";

export function formatTable(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const safe = rows.map((row) => row.map((cell) => printableLine(cell)));
  const widths = heads.map((head, at) => Math.max(head.length, ...safe.map((row) => (row[at] ?? "").length)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join("   ")
      .trimEnd();
  return `${[heads, ...safe].map(line).join("\n")}\n`;
}

/** `45s`, `3m`, `5h`, `12d`; "" where the time cannot be read. */
export function formatAge(since: string | undefined, now: number): string {
  const seconds = Math.floor((now - Date.parse(since ?? "")) / 1000);
  if (Number.isNaN(seconds)) return "";
  if (seconds < 120) return `${Math.max(0, seconds)}s`;
  if (seconds < 7_200) return `${Math.floor(seconds / 60)}m`;
  return seconds < 172_800 ? `${Math.floor(seconds / 3_600)}h` : `${Math.floor(seconds / 86_400)}d`;
}
