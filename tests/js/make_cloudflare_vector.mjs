// Makes tests/survey_app/seals/vectors/cloudflare.json with an implementation that is not ours.
//
// In a throw-away folder: npm install @cloudflare/blindrsa-ts@0.4.4
// then: node make_cloudflare_vector.mjs > cloudflare.json   (a copy of this file, run from that folder)
// The random source is recorded, so that our own blinding can be held to the same bytes.
import { RSABSSA } from "@cloudflare/blindrsa-ts";

const hex = (bytes) => Buffer.from(bytes).toString("hex");
const suite = RSABSSA.SHA384.PSS.Randomized();
const { privateKey, publicKey } = await suite.generateKey({
  publicExponent: Uint8Array.of(1, 0, 1),
  modulusLength: 2048,
});
const numbers = await crypto.subtle.exportKey("jwk", privateKey);
const number = (name) => Buffer.from(numbers[name], "base64url").toString("hex");

const drawn = [];
const draw = crypto.getRandomValues.bind(crypto);
crypto.getRandomValues = (array) => {
  draw(array);
  drawn.push(new Uint8Array(array));
  return array;
};

const credential = new Uint8Array(32).map((_, i) => i);
const message = suite.prepare(credential);
const { blindedMsg, inv } = await suite.blind(publicKey, message);
const blindSignature = await suite.blindSign(privateKey, blindedMsg);
const signature = await suite.finalize(publicKey, message, blindSignature, inv);

console.log(JSON.stringify({
  source: "@cloudflare/blindrsa-ts 0.4.4 on Node " + process.version + ", by tests/js/make_cloudflare_vector.mjs",
  p: number("p"), q: number("q"), n: number("n"),
  msg: hex(credential), msg_prefix: hex(message.slice(0, 32)), salt: hex(drawn[1]), inv: hex(inv),
  blinded_msg: hex(blindedMsg), blind_sig: hex(blindSignature), sig: hex(signature),
}, null, 2));
