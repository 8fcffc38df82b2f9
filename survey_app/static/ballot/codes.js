// Bytes, typed codes and the round sheet's fingerprint. Mirrors seals/base32.py, codes.py and sheet.py.
"use strict";
var Pingjia = Pingjia || {};
{
  const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

  const bytes = Pingjia.bytes = {
    random: (size) => crypto.getRandomValues(new Uint8Array(size)),
    text: (string) => new TextEncoder().encode(string),
    hex: (data) => Array.from(data, (byte) => byte.toString(16).padStart(2, "0")).join(""),
    fromHex: (text) => Uint8Array.from(text.match(/../g) || [], (pair) => parseInt(pair, 16)),
    base64: (data) => btoa(Array.from(data, (byte) => String.fromCharCode(byte)).join("")),
    fromBase64: (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0)),
    hash: async (name, ...parts) => new Uint8Array(await crypto.subtle.digest(name, bytes.join(...parts))),
    join(...parts) {
      const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
      let at = 0;
      for (const part of parts) { whole.set(part, at); at += part.length; }
      return whole;
    },
  };

  const base32 = Pingjia.base32 = {
    // The first 5 * characters bits; missing bits on the right are zero.
    encode(data, characters) {
      let text = "", bits = 0, held = 0, at = 0;
      while (text.length < characters) {
        if (bits < 5) { held = (held & 31) << 8 | (data[at++] || 0); bits += 8; }
        bits -= 5;
        text += ALPHABET[held >> bits & 31];
      }
      return text;
    },
    // Any case and width, spaces and dashes, I and L for 1, O for 0.
    canonical: (typed) => typed.normalize("NFKC").toUpperCase()
      .replace(/[\s\-\u2010-\u2015\u2212_.\u00b7\u200b-\u200d\u2060]/g, "")
      .replace(/[IL]/g, "1").replace(/O/g, "0"),
    // Weighted sums over the field of 32 elements; argued in base32.py.
    checks(text, count) {
      let found = "";
      for (let power = 1; power <= count; power += 1) {
        let sum = 0;
        for (const character of text) {
          sum ^= ALPHABET.indexOf(character);
          for (let i = 0; i < power; i += 1) { sum <<= 1; if (sum & 32) { sum ^= 37; } }
        }
        found += ALPHABET[sum];
      }
      return found;
    },
    // "" or what is wrong; the last `count` characters are checks.
    fault(text, length, count, prefix = "") {
      if (Array.from(text).some((character) => !ALPHABET.includes(character))) { return "character"; }
      if (text.length !== length) { return "length"; }
      const body = prefix + text.slice(0, length - count);
      return base32.checks(body, count) === text.slice(length - count) ? "" : "check";
    },
    grouped: (text) => text.match(/.{1,4}/g).join("-"),
  };

  const code = Pingjia.code = {
    normalise: base32.canonical,
    check: (normalised) => base32.fault(normalised, 20, 2),
    // The name of this code's state in localStorage: two members may share one phone.
    localKey: async (normalised) => bytes.hex(await bytes.hash("SHA-256", bytes.text(normalised))),
    // {code, fingerprint} of a link, or null; what messengers append behind it is ignored.
    fragment(hash) {
      const parts = /^#?(\w{20})(\w{26})(?!\w)/.exec(hash);
      const read = parts && parts.slice(1).map(base32.canonical);
      return read && !code.check(read[0]) ? { code: read[0], fingerprint: read[1] } : null;
    },
  };

  const sheet = Pingjia.sheet = {
    fingerprint: (data) => bytes.hash("SHA-256", data),
    short: (fingerprint) => base32.encode(fingerprint.slice(0, 16), 26),
    verificationCode: (fingerprint) => base32.grouped(sheet.short(fingerprint).slice(0, 16)),
    // The facts of the sheet that the link names; throws if it is another, or if its keys could mislead.
    async read(data, short) {
      const fingerprint = await sheet.fingerprint(data);
      if (short && sheet.short(fingerprint) !== short) { throw new Error("sheet"); }
      const facts = JSON.parse(new TextDecoder().decode(data));
      const keys = facts.classes.map((entry) => bytes.fromBase64(entry.n));
      const sound = keys.every((n, i) => n.length === 256 && n[0] > 127 && facts.classes[i].e === 65537);
      if (!sound || new Set(keys.map(bytes.hex)).size !== keys.length) { throw new Error("sheet"); }
      return facts;
    },
  };
}
