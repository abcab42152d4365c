/** What Argo CD's diff engine says of many objects: which of them differ. Builds the Go program of this folder. */
import { fileURLToPath } from "node:url";
import { formatJson } from "../../../../src/model/json.ts";
import type { KubeObject } from "../../../../src/model/resource.ts";
import { requirement } from "../../../control-plane/requirements.ts";
import { buildProgram } from "../../go-program.ts";
import type { Answer } from "../answer.ts";

export interface Question {
  readonly desired: KubeObject;
  readonly live: KubeObject;
  /** Who applied it server-side: asked so, the engine merges as the server does, as for `ServerSideApply=true`. */
  readonly manager?: string;
}

/** `why`: what there is instead of answers where the engine cannot be had here. */
export type Answers = { readonly answers: readonly Answer[] } | { readonly why: string };

function answerOf({ modified, error }: { readonly modified: boolean; readonly error?: string }): Answer {
  if (error !== undefined) return "failed";
  return modified ? "differs" : "same";
}

/**
 * Answers in the order of the questions.
 * @param openApi the server's OpenAPI v2 document, as JSON on one line
 * @throws where the built program fails
 */
export async function askGitopsEngine(openApi: string, questions: readonly Question[]): Promise<Answers> {
  const go = requirement("go");
  if (!go.ok) return { why: go.why };
  const program = await buildProgram(go.path, fileURLToPath(new URL(".", import.meta.url))).catch(String);
  // What Go says last is why; before it are the libraries it fetched.
  if (typeof program === "string") return { why: `Go did not build it: ${program.trimEnd().split("\n").at(-1)}` };
  try {
    const lines = questions.map(({ desired, live, manager }) => formatJson({ desired, live, manager: manager ?? "" }));
    const found = (await program.ask(lines, openApi)) as readonly { modified: boolean; error?: string }[];
    return { answers: found.map(answerOf) };
  } finally {
    program.remove();
  }
}
