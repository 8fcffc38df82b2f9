// The page's four calls: JSON out, JSON or bytes back. No cookie and no address of origin goes with them.
"use strict";
{
  const PATIENCE = 20000;
  const BUSY = new Set([408, 425, 429, 500, 502, 503, 504]);

  // Throws an error with `code`: what the server says, or "network" when trying again may help.
  async function send(path, values) {
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), PATIENCE);
    try {
      const response = await fetch(path, {
        method: "POST", body: JSON.stringify(values), headers: { "Content-Type": "application/json" },
        credentials: "omit", referrerPolicy: "no-referrer", cache: "no-store", signal: abort.signal,
      });
      const data = new Uint8Array(await response.arrayBuffer());
      if (response.ok) { return data; }
      const told = BUSY.has(response.status) ? {} : JSON.parse(new TextDecoder().decode(data));
      const code = told.error === "code_look_up_busy" ? "network" : told.error;
      throw Object.assign(new Error("refused"), { code: code || "network", text: told.text });
    } catch (error) {
      throw error.code && error.message === "refused" ? error : Object.assign(new Error("network"), { code: "network" });
    } finally {
      clearTimeout(timer);
    }
  }

  Pingjia.calls = {
    bytes: send,
    json: async (path, values) => JSON.parse(new TextDecoder().decode(await send(path, values))),
    // Until there is an answer: `pause(attempt)` resolves when it is time to try again.
    async insist(path, values, pause) {
      for (let attempt = 2; ; attempt += 1) {
        try {
          return await Pingjia.calls.json(path, values);
        } catch (error) {
          if (error.code !== "network") { throw error; }
          await pause(attempt);
        }
      }
    },
  };
}
