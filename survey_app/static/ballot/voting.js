// The vote itself, in the order of the protocol: credential, signature, seal, cast, receipt.
// Every result is kept before the next call, so a lost reply or a closed page repeats nothing and loses nothing.
"use strict";
{
  const { base64, fromBase64, text } = Pingjia.bytes;
  const { blind, seal } = Pingjia;
  const SETTLE_MS = 60;

  const read = (poll) => Pingjia.memory.ballot.read(poll.key);

  // What another tab of this phone has finished is never written over by one that is still on its way.
  function keep(poll, values) {
    const now = read(poll);
    if (now && now.receipt && now.m === values.m) { return now; }
    Pingjia.memory.ballot.write(poll.key, values);
    return values;
  }

  // One tab at a time, where the browser can keep the others waiting.
  const alone = (poll, act) => navigator.locks ? navigator.locks.request("pingjia-ballot-" + poll.key, act) : act();

  // m = prefix || c, blinded for the class key: once for all tabs of this phone, for the entitlement is spent on it.
  function credential(poll) {
    return alone(poll, async () => {
      const kept = read(poll);
      if (kept) { return kept; }
      const message = blind.prepare();
      const { blinded, inverse } = await blind.blind(poll.n, message);
      // Without locks another tab may have been quicker meanwhile: the first stands.
      const quicker = read(poll);
      if (quicker) { return quicker; }
      const sheet = Pingjia.sheet.short(poll.fingerprint);
      keep(poll, { sheet, m: base64(message), inv: base64(inverse), b: base64(blinded) });
      if (!navigator.locks) { await new Promise((resolve) => setTimeout(resolve, SETTLE_MS)); }
      return read(poll);
    });
  }

  async function signature(poll, kept, pause) {
    if (kept.s || kept.receipt) { return kept; }
    const tag = base64(await blind.keyTag(poll.n));
    const reply = await Pingjia.calls.insist("/e/issue", { code: poll.code, tag, b: kept.b }, pause);
    const message = fromBase64(kept.m);
    const s = await blind.finalise(poll.n, message, fromBase64(reply.s), fromBase64(kept.inv));
    // Written over: inv and b are gone from here on.
    return keep(poll, { sheet: kept.sheet, m: kept.m, s: base64(s) });
  }

  async function sealed(poll, kept, payload) {
    if (kept.x) { return kept; }
    const x = await seal.seal({
      openingKey: poll.openingKey, fingerprint: poll.fingerprint, classId: poll.classId,
      credential: fromBase64(kept.m), payload: text(payload),
    });
    return keep(poll, Object.assign({}, kept, { x: base64(x) }));
  }

  async function cast(poll, kept, pause) {
    const ballot = { class: poll.own.id, m: kept.m, s: kept.s, x: kept.x };
    const { receipt } = await Pingjia.calls.insist("/box/cast", ballot, pause);
    const own = await seal.receipt(fromBase64(kept.m), fromBase64(kept.x));
    keep(poll, { sheet: kept.sheet, receipt, m: kept.m, s: kept.s });
    // Another receipt means: an earlier ballot of this phone lies in the box already, and that one counts.
    return { receipt, earlier: receipt !== own };
  }

  // A second tab of this phone may have begun with another message: whoever kept last is continued.
  async function signed(poll, pause) {
    const kept = await credential(poll);
    try {
      return await signature(poll, kept, pause);
    } catch (error) {
      const now = read(poll);
      if (error.code === "issued_elsewhere" && now && now.m !== kept.m) { return signature(poll, now, pause); }
      if (error.code === "issued_elsewhere") { Pingjia.memory.ballot.erase(poll.key); }
      throw error;
    }
  }

  // `step(name)` is told "sealing" and "casting"; `pause(attempt)` waits while there is no connection.
  Pingjia.vote = async (poll, payload, { step, pause }) => {
    step("sealing");
    let kept = await signed(poll, pause);
    if (kept.receipt) { return { receipt: kept.receipt, earlier: true }; }
    kept = await sealed(poll, kept, payload);
    if (kept.receipt) { return { receipt: kept.receipt, earlier: true }; }
    Pingjia.memory.draft.erase(poll.key);
    step("casting");
    return cast(poll, kept, pause);
  };
}
