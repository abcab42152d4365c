import { afterEach, describe, expect, test } from "vitest";
import { type HttpServer, parseAddress, serve, textPage } from "../../src/runtime/http-server.ts";

let server: HttpServer | undefined;
afterEach(() => server?.stop());

async function start(): Promise<string> {
  server = await serve("127.0.0.1:0", {
    "/ok": () => textPage(200, "fine\n"),
    "/accept": (accept) => textPage(200, accept),
    "/broken": () => {
      throw new Error("secret detail");
    },
  });
  return `http://127.0.0.1:${server.port}`;
}

describe("pages", () => {
  test.each([
    ["GET a known page", "GET", "/ok", 200, "fine\n"],
    ["GET with a query", "GET", "/ok?x=1", 200, "fine\n"],
    ["HEAD a known page: no body", "HEAD", "/ok", 200, ""],
    ["POST", "POST", "/ok", 405, "method not allowed\n"],
    ["an unknown page", "GET", "/nope", 404, "not found\n"],
    ["a name of Object.prototype", "GET", "/constructor", 404, "not found\n"],
    ["a page that throws tells nothing", "GET", "/broken", 500, "internal error\n"],
  ])("%s", async (_, method, path, status, body) => {
    const base = await start();
    const response = await fetch(base + path, { method });
    expect(response.status).toBe(status);
    expect(await response.text()).toBe(body);
  });

  test("the Accept header reaches the page", async () => {
    const base = await start();
    const response = await fetch(`${base}/accept`, { headers: { accept: "application/openmetrics-text" } });
    expect(await response.text()).toBe("application/openmetrics-text");
  });
});

test.each([
  [":8080", undefined, 8080],
  ["127.0.0.1:0", "127.0.0.1", 0],
  ["[::1]:9", "::1", 9],
])("address %s", (text, host, port) => {
  expect(parseAddress(text)).toEqual({ host, port });
});
