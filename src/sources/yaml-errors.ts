/**
 * What a reader is told when a document does not parse. The parser's own sentences quote the text, which may be a
 * Secret's; these never do.
 */

export interface YamlError {
  /** The parser's code, or one of ours. */
  readonly code: string;
  readonly sentence: string;
}

export const yamlErrors: readonly YamlError[] = [
  { code: "TAB_AS_INDENT", sentence: "a tab is used for indentation; YAML allows only spaces" },
  { code: "BAD_INDENT", sentence: "the indentation fits no line above" },
  { code: "MISSING_CHAR", sentence: "something is missing here: a colon, a comma, a quote or a bracket" },
  { code: "UNEXPECTED_TOKEN", sentence: "this does not belong here" },
  { code: "BLOCK_AS_IMPLICIT_KEY", sentence: "a mapping or a list stands where a simple value must" },
  { code: "BLOCK_IN_FLOW", sentence: "an indented block stands inside brackets" },
  { code: "MULTILINE_IMPLICIT_KEY", sentence: "a key runs over several lines, or a colon is missing" },
  { code: "KEY_OVER_1024_CHARS", sentence: "a key is longer than 1024 characters" },
  { code: "BAD_DQ_ESCAPE", sentence: "a quoted text holds an escape that YAML does not know" },
  { code: "BAD_SCALAR_START", sentence: "a value starts with a character that must be quoted" },
  { code: "BAD_COLLECTION_TYPE", sentence: "a tag does not fit the collection it stands on" },
  { code: "MULTIPLE_DOCS", sentence: "a second document starts without a --- line" },
  { code: "MULTIPLE_ANCHORS", sentence: "a value has two anchors" },
  { code: "MULTIPLE_TAGS", sentence: "a value has two tags" },
  { code: "BAD_ALIAS", sentence: "an alias has no name, or one that is not allowed" },
  { code: "BAD_PROP_ORDER", sentence: "an anchor or a tag stands before the indicator it must follow" },
  { code: "TAG_RESOLVE_FAILED", sentence: "a tag is unknown or does not fit its value" },
  { code: "NON_STRING_KEY", sentence: "a key is not text" },
  { code: "RESOURCE_EXHAUSTION", sentence: "it is nested too deeply" },
  { code: "UNKNOWN_ALIAS", sentence: "an alias names an anchor that does not come before it" },
  { code: "CYCLE", sentence: "an anchor holds an alias to itself" },
  { code: "ALIASES", sentence: "its aliases expand to more than is allowed" },
  { code: "MERGE", sentence: "<< merges something that is not a mapping" },
  { code: "KEY", sentence: "a key is null, a collection, or an integer beyond 64 bits with a sign" },
  { code: "FLOW_COLON", sentence: "inside brackets a space must follow the colon, or it is part of the text" },
  { code: "FLOW_MARK", sentence: "inside brackets a text with ? in it, or with : before it, must be quoted" },
  {
    code: "BREAK",
    sentence: "a line separator of Unicode (U+0085, U+2028, U+2029) stands unescaped; kubectl ends a line there",
  },
  { code: "UNREAD", sentence: "kubectl reads nothing between a ... line and the next --- line" },
  { code: "NUMBER", sentence: "infinity and not-a-number have no place in JSON; quote them to mean text" },
  { code: "TAG", sentence: "the tag does not fit the value" },
];

const sentences = new Map(yamlErrors.map(({ code, sentence }) => [code, sentence]));

/** A sentence for a code; a general one for a code no row knows. */
export function yamlSentence(code: string): string {
  return sentences.get(code) ?? "this is not valid YAML";
}
