/** The lines of evidence among all that an operator said: standard output and standard error are one text here. */
export const evidenceLines = (said: string): readonly string[] =>
  said.split("\n").filter((line) => line.startsWith('{"evidence":1,'));
