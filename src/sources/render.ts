/**
 * From the files of one revision to the objects they declare, by the renderer that the Baseline asks for, or the one
 * that fits. Renderers are rows of a table. A rendering is whole: any failure that could hide an object refuses it.
 */
import type { RenderKind } from "../model/baseline.ts";
import type { Problem } from "../model/problem.ts";
import { isFolder, type Tree } from "./git-tree.ts";
import { kustomizationNames } from "./kustomize-scan.ts";
import type { Renderer, RenderInput, Rendering } from "./render-input.ts";
import { renderKustomize } from "./render-kustomize.ts";
import { renderPlain } from "./render-plain.ts";

export const renderers: Readonly<Record<Exclude<RenderKind, "Auto">, Renderer>> = {
  Plain: renderPlain,
  Kustomize: renderKustomize,
  Helm: () =>
    Promise.resolve({
      code: "render-unsupported",
      message: "render.kind Helm is not supported yet; it comes in a later version",
    }),
};

/** `./a/b/` → `a/b`; a problem where the path could leave the tree, or means different things to different readers. */
export function normalisePath(text: string): string | Problem {
  const refuse = (reason: string): Problem => ({ code: "source-path-refused", message: `path ${reason}` });
  if (text.startsWith("/")) return refuse("must be relative to the root of the repository");
  if (/[\\\p{Cc}\p{Cf}]/u.test(text)) return refuse("holds a backslash or a control character");
  const parts = text.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.includes("..")) return refuse("must not hold ..");
  return parts.join("/");
}

/** Which renderer `Auto` means here. */
export function chooseRenderer(kind: RenderKind, tree: Tree, path: string): Exclude<RenderKind, "Auto"> {
  if (kind !== "Auto") return kind;
  const below = path === "" ? "" : `${path}/`;
  return kustomizationNames.some((name) => tree.has(below + name)) ? "Kustomize" : "Plain";
}

export async function render(kind: RenderKind, input: RenderInput): Promise<Rendering | Problem> {
  const missing = missingPath(input.tree, input.path);
  if (missing !== undefined) return missing;
  const rendered = await renderers[chooseRenderer(kind, input.tree, input.path)](input);
  if ("code" in rendered || rendered.objects.length > 0) return rendered;
  // Nothing at all would read as "everything was dropped"; far more often it is a mistake.
  const first = rendered.problems[0];
  if (first !== undefined)
    return {
      ...first,
      message: `nothing could be read; the first of ${rendered.problems.length} problems: ${first.message}`,
    };
  return { code: "source-empty", message: `there are no objects below ${input.path === "" ? "the root" : input.path}` };
}

function missingPath(tree: Tree, path: string): Problem | undefined {
  if (tree.get(path)?.kind === "file" || isFolder(tree, path)) return undefined;
  const parts = path.split("/");
  for (let length = 1; length <= parts.length; length += 1) {
    const above = parts.slice(0, length).join("/");
    const kind = tree.get(above)?.kind;
    if (kind === "submodule")
      return {
        code: "source-path-refused",
        message: `path leads into the submodule ${above}, and submodules are not read`,
      };
    if (kind === "link")
      return { code: "source-path-refused", message: `path leads through the link ${above}, which is not followed` };
  }
  return { code: "source-path-not-found", message: `the revision has nothing at ${path}` };
}
