// What a code opens: its home, its class and the questions, believed only as far as the link vouches for them.
"use strict";
{
  const { hex, fromHex, fromBase64, hash } = Pingjia.bytes;
  const NEWLINE = 10;

  // The three lines of /e/sheet as bytes: round sheet, questionnaire, facts of the first page.
  function lines(data) {
    const first = data.indexOf(NEWLINE), second = data.indexOf(NEWLINE, first + 1);
    return [data.slice(0, first), data.slice(first + 1, second), data.slice(second + 1)];
  }

  const parsed = (data) => JSON.parse(new TextDecoder().decode(data));

  // Throws Error("sheet") for anything that the sheet of the link does not vouch for.
  async function read(data, found, short) {
    const [sheetLine, formLine, factsLine] = lines(data);
    const sheet = await Pingjia.sheet.read(sheetLine, short);
    const own = sheet.classes.find((entry) => entry.id === found.class);
    const sound = own && sheet.round.id === found.round && parseInt(sheet.home.id, 16) === found.home
      && sheet.questionnaire === hex(await hash("SHA-256", formLine));
    if (!sound) { throw new Error("sheet"); }
    const fingerprint = await Pingjia.sheet.fingerprint(sheetLine);
    return {
      sheet, own, fingerprint, form: parsed(formLine), facts: parsed(factsLine),
      n: fromBase64(own.n), classId: fromHex(own.id), openingKey: fromBase64(sheet.opening_key),
    };
  }

  Pingjia.poll = {
    // {code, key, kept, state, phase, …}; `short` is what the link says of the sheet, "" for a typed code.
    async open(code, short) {
      const key = await Pingjia.code.localKey(code);
      const kept = Pingjia.memory.ballot.read(key) || {};
      const found = await Pingjia.calls.json("/e/lookup", { code });
      const poll = { code, key, kept, typed: !short, state: found.state, phase: found.phase };
      if (found.state === "void") { return poll; }
      const data = await Pingjia.calls.bytes("/e/sheet", { round: found.round, home: found.home });
      // A ballot begun under one sheet is never finished under another.
      const content = await read(data, found, short || kept.sheet || "").catch(() => { throw new Error("sheet"); });
      return Object.assign(poll, content);
    },
    items: (form) => [].concat(...form.sections.map((section) => section.items)),
  };
}
