/**
 * What the parsing process sends of the objects it has read: a column for each thing, so that a message is cheap to write and to
 * read, and every word that many objects share is sent once. Nothing is decided here.
 */
import type { DeclaredText } from "../model/desired.ts";
import type { Problem } from "../model/problem.ts";
import type { ManifestTexts } from "./yaml.ts";

export interface ManifestPack {
  /** Which of the texts that were asked about, for each object. */
  readonly of: readonly number[];
  readonly words: readonly string[];
  /** For each object the places of group, kind, namespace and apiVersion among the words, its line, its index, its marks. */
  readonly numbers: Int32Array;
  readonly names: readonly string[];
  readonly texts: readonly string[];
  readonly hashes: readonly string[];
  readonly problems: readonly { readonly of: number; readonly problem: Problem }[];
  /** No more comes for what was asked. */
  readonly last: boolean;
}

const WIDTH = 7;
const REPLICATED = 1;
const NAMESPACED = 2;

/** So many objects to a message: reading one must not hold up the process it comes to. */
const MOST = 400;

/** Packs of what is read of each text, in the order asked. */
export function* packManifests(read: Iterable<ManifestTexts>): Generator<ManifestPack> {
  let pending = startPack();
  let of = 0;
  for (const { objects, problems } of read) {
    for (const object of objects) {
      pending.add(of, object);
      if (pending.size() < MOST) continue;
      yield pending.close(false);
      pending = startPack();
    }
    for (const problem of problems) pending.problems.push({ of, problem });
    of += 1;
  }
  yield pending.close(true);
}

function startPack() {
  const words = new Map<string, number>();
  const of: number[] = [];
  const numbers: number[] = [];
  const names: string[] = [];
  const texts: string[] = [];
  const hashes: string[] = [];
  const problems: { readonly of: number; readonly problem: Problem }[] = [];
  const word = (text: string): number => {
    const known = words.get(text);
    if (known !== undefined) return known;
    words.set(text, words.size);
    return words.size - 1;
  };
  return {
    problems,
    size: () => of.length,
    add(from: number, { id, apiVersion, source, replicated, namespaced, text, hash }: DeclaredText): void {
      of.push(from);
      numbers.push(word(id.group), word(id.kind), word(id.namespace), word(apiVersion), source.line, source.index);
      numbers.push((replicated ? REPLICATED : 0) | (namespaced ? NAMESPACED : 0));
      names.push(id.name);
      texts.push(text);
      hashes.push(hash);
    },
    close: (last: boolean): ManifestPack => ({
      of,
      words: [...words.keys()],
      numbers: Int32Array.from(numbers),
      names,
      texts,
      hashes,
      problems,
      last,
    }),
  };
}

/** Calls with each object of a pack; `intern` gives one string for all that are equal. */
export function unpackManifests(
  pack: ManifestPack,
  fileOf: (of: number) => string,
  intern: (text: string) => string,
  found: (of: number, text: DeclaredText) => void,
): void {
  const words = pack.words.map(intern);
  const { numbers } = pack;
  for (const [row, of] of pack.of.entries()) {
    const number = (column: number): number => numbers[row * WIDTH + column] ?? 0;
    const word = (column: number): string => words[number(column)] ?? "";
    const marks = number(6);
    found(of, {
      id: { group: word(0), kind: word(1), namespace: word(2), name: pack.names[row] ?? "" },
      apiVersion: word(3),
      text: pack.texts[row] ?? "",
      source: { file: fileOf(of), line: number(4), index: number(5) },
      hash: pack.hashes[row] ?? "",
      replicated: (marks & REPLICATED) !== 0,
      namespaced: (marks & NAMESPACED) !== 0,
    });
  }
}
