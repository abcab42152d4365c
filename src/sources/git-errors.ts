/**
 * What git printed on its way out, told in our own words: rows, first match wins. Git's text is shown only where no row
 * matches, scrubbed of credentials and of userinfo in URLs, on one line.
 */
import { printableLine } from "../model/printable.ts";
import type { Problem, ProblemCode } from "../model/problem.ts";

export interface GitErrorRule {
  readonly pattern: RegExp;
  readonly code: ProblemCode;
  readonly message: string;
}

export const gitErrors: readonly GitErrorRule[] = [
  {
    pattern: /Host key verification failed|REMOTE HOST IDENTIFICATION HAS CHANGED|No .* host key is known/i,
    code: "source-auth-failed",
    message: "the server's host key is not the one in known_hosts",
  },
  {
    pattern:
      /Authentication failed|could not read (?:Username|Password)|terminal prompts disabled|The requested URL returned error: 40[13]|Permission denied \(|invalid credentials|HTTP Basic: Access denied/i,
    code: "source-auth-failed",
    message: "the server refused the credentials, or wants some",
  },
  {
    pattern:
      /SSL certificate problem|server certificate verification failed|certificate subject name|SSL: no alternative certificate|CAfile|unable to get local issuer/i,
    code: "source-unreachable",
    message: "the server's certificate is not trusted",
  },
  {
    pattern: /The requested URL returned error: 30\d|unable to update url base from redirection|redirect/i,
    code: "source-url-refused",
    message: "the server redirects elsewhere, which is not followed; put the final URL into the Baseline",
  },
  {
    pattern:
      /Repository not found|repository '.*' not found|does not appear to be a git repository|does not exist|The requested URL returned error: 404|No such file or directory/i,
    code: "source-unreachable",
    message: "there is no repository at the URL, or the credentials may not see it",
  },
  {
    pattern: /hasDot|hasDotdot|hasDotgit|nullSha1|fullPathname|gitmodules|treeNotSorted|duplicateEntries|fsck error/i,
    code: "source-path-refused",
    message: "the revision holds an object that git holds to be malformed or hostile",
  },
  {
    pattern: /not our ref|unadvertised object|couldn't find remote ref|no such ref|not a valid object name|bad object/i,
    code: "source-ref-not-found",
    message: "the server has no such commit",
  },
  {
    pattern: /transport '.*' not allowed|protocol .* is not supported/i,
    code: "source-url-refused",
    message: "the Git URL is refused: its transport is not allowed",
  },
  {
    pattern: /Could not resolve host|Could not resolve hostname|Name or service not known/i,
    code: "source-unreachable",
    message: "the server's name does not resolve",
  },
  {
    pattern: /Operation too slow|timed out|Timeout/i,
    code: "source-timeout",
    message: "the server is too slow to answer",
  },
  {
    pattern:
      /Connection refused|Failed to connect|Connection reset|unexpected disconnect|early EOF|the remote end hung up|The requested URL returned error: (?:429|5\d\d)|Empty reply|RPC failed|Connection closed/i,
    code: "source-unreachable",
    message: "the server cannot be reached, or broke off",
  },
];

/** A text without anything secret: each of `secrets`, and whatever stands before an `@` in a URL. */
export function scrub(text: string, secrets: readonly string[]): string {
  let clean = text;
  for (const secret of secrets) clean = clean.replaceAll(secret, "<redacted>");
  return clean
    .replaceAll(/([A-Za-z][A-Za-z0-9+.-]*:\/\/)[^\s/@]*@/g, "$1")
    .replaceAll(/(authorization:\s*)[^\r\n]*/gi, "$1<redacted>");
}

/** The problem that git's standard error amounts to. */
export function problemOfGit(stderr: string, secrets: readonly string[]): Problem {
  const rule = gitErrors.find(({ pattern }) => pattern.test(stderr));
  if (rule !== undefined) return { code: rule.code, message: rule.message };
  const line = scrub(stderr, secrets)
    .split("\n")
    .find((entry) => /^(?:fatal|error):/.test(entry));
  const said = line === undefined ? "" : `: ${printableLine(line, 300)}`;
  return { code: "source-unreachable", message: `git failed${said}` };
}
