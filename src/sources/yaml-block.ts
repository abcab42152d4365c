/**
 * The fast reader: block YAML as people write manifests. It takes only forms that mean the same to
 * every reader of YAML; on any doubt (an anchor, a tag, brackets that run over lines, a key that is there twice, an
 * error of any kind) it answers nothing, and the precise reader of yaml.ts has the word. It never says what is wrong.
 * test/sources/yaml-fast.test.ts holds the two to each other.
 */
import type { Json } from "../model/json.ts";
import { isStart, isWord, readPlain, readQuoted } from "./yaml-inline.ts";
import { keyText, readScalar, toJson } from "./yaml-scalars.ts";
import { readFolded, readLiteral, type TextBlock } from "./yaml-text-block.ts";

/** Thrown inside, never seen outside. */
const doubt = Symbol("doubt");

export interface BlockDocument {
  readonly value: Json;
  /** Lines of the text before the one on which the content starts. */
  readonly linesBefore: number;
}

const MAX_DEPTH = 64;
/** The parser ends a key at 1024 characters. */
const MAX_KEY = 500;

const BREAK = 0x0a;
const SPACE = 0x20;
const QUOTE = 0x22;
const HASH = 0x23;
const APOSTROPHE = 0x27;
const COMMA = 0x2c;
const DASH = 0x2d;
const COLON = 0x3a;
const BACKSLASH = 0x5c;

// Almost every manifest is of these alone, and needs no second look.
const ODD = /[^\n -~]/;
const REFUSED = /(?![\n\t])[\p{Cc}\u2028\u2029\ufeff]/u;

/** The value of a document that ends with a line break; undefined on any doubt. */
export function readBlock(text: string, maxDepth: number): BlockDocument | undefined {
  if (maxDepth < MAX_DEPTH || !text.endsWith("\n")) return undefined;
  if (ODD.test(text) && (REFUSED.test(text) || !text.isWellFormed())) return undefined;
  try {
    return new Block(text).read();
  } catch (thrown) {
    if (thrown === doubt) return undefined;
    throw thrown;
  }
}

/** One document being read. Between values it stands on the first character of a line with content. */
class Block {
  readonly #text: string;
  #at = 0;
  /** Offset of the line that `#at` is on. */
  #lineStart = 0;
  /** Where `#at` stands in its line; -1 behind the last line. */
  #column = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): BlockDocument {
    this.#enterLine(0);
    if (this.#at !== this.#lineStart || this.#column < 0) throw doubt;
    let linesBefore = 0;
    for (let at = this.#text.indexOf("\n"); at >= 0 && at < this.#at; at = this.#text.indexOf("\n", at + 1))
      linesBefore += 1;
    const value = this.#readMap(0);
    return { value, linesBefore };
  }

  /** To the first content at or behind an offset that starts a line; comments and blank lines are passed over. */
  #enterLine(offset: number): void {
    const text = this.#text;
    let start = offset;
    while (start < text.length) {
      let at = start;
      while (text.charCodeAt(at) === SPACE) at += 1;
      const code = text.charCodeAt(at);
      if (code !== BREAK && code !== HASH) {
        this.#at = at;
        this.#lineStart = start;
        this.#column = at - start;
        return;
      }
      start = code === BREAK ? at + 1 : text.indexOf("\n", at) + 1;
    }
    this.#column = -1;
  }

  /** Behind a value nothing may stand on its line but a comment. */
  #endLine(): void {
    const text = this.#text;
    let at = this.#at;
    while (text.charCodeAt(at) === SPACE) at += 1;
    const code = text.charCodeAt(at);
    if (code === BREAK) this.#enterLine(at + 1);
    else if (code === HASH && at > this.#at) this.#enterLine(text.indexOf("\n", at) + 1);
    else throw doubt;
  }

  #isDash(): boolean {
    if (this.#text.charCodeAt(this.#at) !== DASH) return false;
    const next = this.#text.charCodeAt(this.#at + 1);
    return next === SPACE || next === BREAK;
  }

  #readMap(column: number): Json {
    if ((this.#depth += 1) > MAX_DEPTH) throw doubt;
    const object: Record<string, Json> = {};
    do {
      const key = this.#readKey();
      if (key === "__proto__" || Object.hasOwn(object, key)) throw doubt;
      object[key] = this.#readValue(column, true);
    } while (this.#column === column);
    if (this.#column > column) throw doubt;
    this.#depth -= 1;
    return object;
  }

  #readList(column: number): Json {
    if ((this.#depth += 1) > MAX_DEPTH) throw doubt;
    const list: Json[] = [];
    do {
      this.#at += 1;
      list.push(this.#readItem(column));
    } while (this.#column === column && this.#isDash());
    if (this.#column > column) throw doubt;
    this.#depth -= 1;
    return list;
  }

  /** What stands behind a dash: it may open a mapping or a list on the very line. */
  #readItem(column: number): Json {
    const text = this.#text;
    let at = this.#at;
    while (text.charCodeAt(at) === SPACE) at += 1;
    const inner = at - this.#lineStart;
    if (text.charCodeAt(at) === BREAK || text.charCodeAt(at) === HASH) return this.#readValue(column, false);
    this.#at = at;
    if (this.#isDash()) {
      this.#column = inner;
      return this.#readList(inner);
    }
    if (this.#endOfKey() < 0) return this.#readValue(column, false);
    this.#column = inner;
    return this.#readMap(inner);
  }

  /** Offset behind what may be a key with its colon; -1 where there is none. */
  #endOfKey(): number {
    const text = this.#text;
    let at = this.#at;
    const first = text.charCodeAt(at);
    if (first === QUOTE || first === APOSTROPHE) {
      for (at += 1; text.charCodeAt(at) !== first; at += 1) {
        const code = text.charCodeAt(at);
        if (code === BREAK || code === BACKSLASH) return -1;
      }
      at += 1;
    } else {
      if (!isWord(first) || !isStart(first)) return -1;
      while (isWord(text.charCodeAt(at))) at += 1;
    }
    if (text.charCodeAt(at) !== COLON) return -1;
    const next = text.charCodeAt(at + 1);
    return next === SPACE || next === BREAK ? at + 1 : -1;
  }

  #readKey(): string {
    const end = this.#endOfKey();
    if (end < 0 || end - this.#at > MAX_KEY) throw doubt;
    const raw = this.#text.slice(this.#at, end - 1);
    this.#at = end;
    const first = raw.charCodeAt(0);
    if (first === QUOTE || first === APOSTROPHE) return raw.slice(1, -1);
    const key = keyText(readScalar(raw));
    if (key === undefined) throw doubt;
    return key;
  }

  /** What stands behind a colon or a dash: on the line, or on the next ones. `list` may stand below its key's column. */
  #readValue(column: number, list: boolean): Json {
    const text = this.#text;
    while (text.charCodeAt(this.#at) === SPACE) this.#at += 1;
    const code = text.charCodeAt(this.#at);
    if (code === BREAK || (code === HASH && text.charCodeAt(this.#at - 1) === SPACE)) {
      this.#enterLine(code === BREAK ? this.#at + 1 : text.indexOf("\n", this.#at) + 1);
      if (this.#column > column) return this.#isDash() ? this.#readList(this.#column) : this.#readMap(this.#column);
      return list && this.#column === column && this.#isDash() ? this.#readList(column) : null;
    }
    if (code === 0x7c || code === 0x3e) {
      const block = code === 0x7c ? readLiteral(text, this.#at, column) : readFolded(text, this.#at, column);
      if (block === undefined) throw doubt;
      this.#enterLine(block.end);
      return block.value;
    }
    const value = this.#readInline(code, column);
    this.#endLine();
    return value;
  }

  #readInline(code: number, column: number): Json {
    if (code === 0x5b || code === 0x7b) return this.#readFlow(code);
    if (code === QUOTE || code === APOSTROPHE) return this.#take(readQuoted(this.#text, this.#at, column));
    return this.#resolve(this.#take(readPlain(this.#text, this.#at, column)));
  }

  #take(read: TextBlock | undefined): string {
    if (read === undefined) throw doubt;
    this.#at = read.end;
    return read.value;
  }

  #resolve(plain: string): Json {
    const value = toJson(readScalar(plain).value);
    if (value === undefined) throw doubt;
    return value;
  }

  /** Brackets that close on their line, around words and quoted texts. */
  #readFlow(open: number): Json {
    if ((this.#depth += 1) > MAX_DEPTH) throw doubt;
    const close = open + 2;
    const list: Json[] = [];
    const object: Record<string, Json> = {};
    this.#at += 1;
    this.#skipSpaces();
    if (this.#text.charCodeAt(this.#at) !== close) {
      for (;;) {
        if (open === 0x7b) {
          const key = this.#readKey();
          if (key === "__proto__" || Object.hasOwn(object, key)) throw doubt;
          this.#skipSpaces();
          object[key] = this.#readFlowValue();
        } else list.push(this.#readFlowValue());
        this.#skipSpaces();
        const code = this.#text.charCodeAt(this.#at);
        if (code === close) break;
        if (code !== COMMA) throw doubt;
        this.#at += 1;
        this.#skipSpaces();
      }
    }
    this.#at += 1;
    this.#depth -= 1;
    return open === 0x7b ? object : list;
  }

  #skipSpaces(): void {
    while (this.#text.charCodeAt(this.#at) === SPACE) this.#at += 1;
  }

  #readFlowValue(): Json {
    const code = this.#text.charCodeAt(this.#at);
    if (code === QUOTE || code === APOSTROPHE) return this.#take(readQuoted(this.#text, this.#at, -1));
    if (code === 0x5b || code === 0x7b) return this.#readFlow(code);
    const first = code === DASH ? this.#text.charCodeAt(this.#at + 1) : code;
    if (!isWord(first) || !isStart(first)) throw doubt;
    const start = this.#at;
    while (isWord(this.#text.charCodeAt(this.#at))) this.#at += 1;
    return this.#resolve(this.#text.slice(start, this.#at));
  }
}
