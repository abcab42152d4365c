/**
 * The one door to the parser: a text to nodes, scalars unresolved. What go-yaml does not ask for, indentation inside
 * brackets and quotes that run over lines, is not asked for here either.
 */
import { Composer, Lexer, parseDocument, Parser, type Document, type Node, type ParseOptions } from "yaml";

export type Nodes =
  | { readonly root: Node | null }
  /** The parser's code. */
  | { readonly error: string; readonly offset: number };

// `failsafe` leaves every scalar a string, and we resolve them; uniqueness is checked later, in linear time.
const options = {
  schema: "failsafe",
  resolveKnownTags: false,
  uniqueKeys: false,
  prettyErrors: false,
  logLevel: "silent",
} as const satisfies ParseOptions & Record<string, unknown>;

/** @throws RangeError where the nesting exhausts the stack */
export function parseNodes(text: string): Nodes {
  const document = parseDocument(text, options);
  const [error] = document.errors;
  if (error === undefined) return { root: document.contents as Node | null };
  const again = parseLoosely(text);
  if (again !== undefined && again.errors.length === 0) return { root: again.contents as Node | null };
  return { error: error.code, offset: error.pos[0] };
}

/** What of the lexer asks for indentation; not in its published types, so a test holds that it is there. */
interface Asking {
  indentNext: number;
  parseFlowCollection(): Generator<string>;
  parseQuotedScalar(): Generator<string>;
}

function looseLexer(): Lexer {
  const made = new Lexer();
  const lexer = made as unknown as Asking;
  for (const name of ["parseFlowCollection", "parseQuotedScalar"] as const) {
    const parse = lexer[name].bind(lexer);
    lexer[name] = function* () {
      const asked = lexer.indentNext;
      lexer.indentNext = 0;
      const next = yield* parse();
      lexer.indentNext = asked;
      return next;
    };
  }
  return made;
}

function* tokensOf(text: string): ReturnType<Parser["parse"]> {
  const parser = new Parser();
  for (const lexeme of looseLexer().lex(text)) yield* parser.next(lexeme);
  yield* parser.end();
}

function parseLoosely(text: string): Document.Parsed | undefined {
  const [first, ...others] = new Composer(options).compose(tokensOf(text), true, text.length);
  return others.length === 0 ? first : undefined;
}
