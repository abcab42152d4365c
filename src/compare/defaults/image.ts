/**
 * The pull policy that follows from an image's name: `Always` for the tag `latest`, also where no tag and no digest is
 * given; `IfNotPresent` for any other tag, a digest alone, and a name that is none.
 * Source: https://kubernetes.io/docs/concepts/containers/images/#imagepullpolicy-defaulting
 */
import type { Json } from "../../model/json.ts";

const REFERENCE =
  /^([^@]+?)(?::(\w[\w.-]{0,127}))?(?:@([A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}))?$/;
const PATH = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const HOST =
  /^(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*|\[[a-fA-F0-9:]+\])(?::\d+)?$/;
const IDENTIFIER = /^[a-f0-9]{64}$/;
const MAX_LENGTH = 1024;

function isName(name: string): boolean {
  if (IDENTIFIER.test(name)) return false;
  const slash = name.indexOf("/");
  const first = name.slice(0, Math.max(slash, 0));
  const isHost = slash > 0 && (/[.:]/.test(first) || first === "localhost" || first !== first.toLowerCase());
  if (!isHost) return PATH.test(name);
  return HOST.test(first) && PATH.test(name.slice(slash + 1));
}

export function pullPolicyOf(image: Json | undefined): "Always" | "IfNotPresent" {
  if (typeof image !== "string" || image.length > MAX_LENGTH) return "IfNotPresent";
  const match = REFERENCE.exec(image);
  const [, name = "", tag, digest] = match ?? [];
  if (!isName(name)) return "IfNotPresent";
  return tag === "latest" || (tag === undefined && digest === undefined) ? "Always" : "IfNotPresent";
}
