/** So many requests a second, a bounded number at once: what the server cannot take is not made up for. */
export interface Pacing {
  /** Resolves when the last one has ended. */
  stop(): Promise<void>;
}

export function startPacing(rate: number, inFlight: number, tick: number, one: () => Promise<void>): Pacing {
  const open = new Set<Promise<void>>();
  let owed = 0;
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    owed = Math.min(inFlight, owed + ((now - last) / 1000) * rate);
    last = now;
    for (; owed >= 1 && open.size < inFlight; owed -= 1) {
      const request = one().finally(() => open.delete(request));
      open.add(request);
    }
  }, tick);
  return {
    async stop() {
      clearInterval(timer);
      await Promise.all(open);
    },
  };
}
