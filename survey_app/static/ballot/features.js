// Tells whether this browser can vote by link, before newer scripts are parsed: plain ES5 on purpose.
// Shows the hidden elements with data-if-supported or data-if-unsupported, hides what speaks without script.
var Pingjia = window.Pingjia || {};
(function () {
  document.documentElement.setAttribute("data-script", "");
  var missing = [];
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
  document.addEventListener("DOMContentLoaded", function () {
    var shown = document.querySelectorAll(missing.length ? "[data-if-unsupported]" : "[data-if-supported]");
    for (var i = 0; i < shown.length; i += 1) { shown[i].removeAttribute("hidden"); }
  });
})();
