// Tells whether this browser can vote by link, before newer scripts are parsed: plain ES5 on purpose.
// Shows the hidden elements with data-if-supported, -unsupported or -broken (the newer script did not
// arrive), and hides what speaks without script.
var Pingjia = window.Pingjia || {};
(function () {
  document.documentElement.setAttribute("data-script", "");
  var missing = [], broken = false;
  function need(name, there) { if (!there) { missing.push(name); } }
  need("secure", window.crypto && crypto.subtle && crypto.getRandomValues);
  need("bigint", typeof BigInt === "function");
  need("language", window.Promise && window.fetch && window.TextEncoder && String.prototype.padStart);
  Pingjia.missing = missing;
  Pingjia.keepsState = (function () {
    try {
      localStorage.setItem("pingjia-probe", "1");
      var kept = localStorage.getItem("pingjia-probe") === "1";
      localStorage.removeItem("pingjia-probe");
      return kept;
    } catch (error) { return false; }
  })();
  window.addEventListener("error", function (event) {
    if (event.target && event.target.tagName === "SCRIPT") { broken = true; }
  }, true);
  document.addEventListener("DOMContentLoaded", function () {
    var name = missing.length ? "unsupported" : broken ? "broken" : "supported";
    var shown = document.querySelectorAll("[data-if-" + name + "]");
    for (var i = 0; i < shown.length; i += 1) { shown[i].removeAttribute("hidden"); }
  });
})();
