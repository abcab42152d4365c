/**
 * Reads single settings out of JSON that a schema should have held to shape, but may not have (an older schema, a
 * server without CEL). A malformed value is never thrown over: the reading that can do least harm is taken, and said.
 */
import { parseDuration } from "./duration.ts";
import { getIn, isArray, type Json } from "./json.ts";
import type { Problem } from "./problem.ts";

export interface SettingReader {
  readonly problems: readonly Problem[];
  /** `at` is `spec.mode`, as a person would write it; `taken` says what is done instead. */
  complain(at: string, taken: string): void;
  value(at: string): Json | undefined;
  text(at: string): string | undefined;
  flag(at: string, otherwise: { readonly absent: boolean; readonly malformed: boolean }): boolean;
  choice<T extends string>(
    at: string,
    allowed: readonly T[],
    otherwise: { readonly absent: T; readonly malformed: T },
  ): T;
  /** Milliseconds. */
  duration(at: string, absent: number, bounds: { readonly least: number; readonly most: number }): number;
  /** Clamped into the bounds; a malformed one is `malformed`. */
  number(
    at: string,
    bounds: { readonly least: number; readonly most: number; readonly absent: number; readonly malformed: number },
  ): number;
  list(at: string): readonly Json[];
  texts(at: string): readonly string[];
}

export function createSettingReader(root: Json, object: string): SettingReader {
  const problems: Problem[] = [];
  const value = (at: string): Json | undefined => {
    const found = getIn(root, ...at.split("."));
    return found === null ? undefined : found;
  };
  const complain = (at: string, taken: string): void => {
    problems.push({ code: "invalid-baseline", message: `${at} cannot be used: ${taken}`, object });
  };
  const list = (at: string): readonly Json[] => {
    const found = value(at);
    if (found === undefined) return [];
    if (isArray(found)) return found;
    complain(at, "it is no list, and is left out");
    return [];
  };
  return {
    problems,
    complain,
    value,
    text(at) {
      const found = value(at);
      if (found === undefined || (typeof found === "string" && found !== "")) return found;
      complain(at, "it is no text, and is left out");
      return undefined;
    },
    flag(at, { absent, malformed }) {
      const found = value(at);
      if (found === undefined) return absent;
      if (typeof found === "boolean") return found;
      complain(at, `it is neither true nor false; taken as ${malformed}`);
      return malformed;
    },
    choice(at, allowed, { absent, malformed }) {
      const found = value(at);
      if (found === undefined) return absent;
      const known = allowed.find((name) => name === found);
      if (known !== undefined) return known;
      complain(at, `it is none of ${allowed.join(", ")}; taken as ${malformed}`);
      return malformed;
    },
    duration(at, absent, { least, most }) {
      const found = value(at);
      if (found === undefined) return absent;
      const parsed = typeof found === "string" ? parseDuration(found) : undefined;
      if (parsed === undefined) {
        complain(at, "it is no duration such as 30s or 1h30m; the default is used");
        return absent;
      }
      if (parsed < least || parsed > most) complain(at, "it is out of bounds; the nearest bound is used");
      return Math.min(most, Math.max(least, parsed));
    },
    number(at, { least, most, absent, malformed }) {
      const found = value(at);
      if (found === undefined) return absent;
      if (typeof found !== "number" || !Number.isFinite(found) || found < least || found > most) {
        complain(at, `it is not a number from ${least} to ${most}; taken as ${malformed}`);
        return malformed;
      }
      return found;
    },
    list,
    texts(at) {
      const texts = list(at).filter((entry) => typeof entry === "string" && entry !== "");
      if (texts.length !== list(at).length) complain(at, "entries that are no text are left out");
      return texts as readonly string[];
    },
  };
}
