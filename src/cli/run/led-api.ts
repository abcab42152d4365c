/**
 * The API server for those who write as the lease holder: asked once more at the very write, for a process may be
 * stopped, or wait, between the decision and the request. Not sent is told as not reached.
 */
import type { ApiRefusal, ObjectApi } from "../../model/api.ts";

const notLed: ApiRefusal = { ok: false, status: 0, reason: "Unreachable", message: "the lease is lost: not sent" };

export function ledApi(api: ObjectApi, isLeader: () => boolean): ObjectApi {
  const led =
    <Args extends readonly unknown[], Answer>(write: (...args: Args) => Promise<Answer>) =>
    (...args: Args): Promise<Answer | ApiRefusal> =>
      isLeader() ? write(...args) : Promise.resolve(notLed);
  return {
    get: (ref) => api.get(ref),
    create: led((...args: Parameters<ObjectApi["create"]>) => api.create(...args)),
    patch: led((...args: Parameters<ObjectApi["patch"]>) => api.patch(...args)),
    remove: led((...args: Parameters<ObjectApi["remove"]>) => api.remove(...args)),
  };
}
