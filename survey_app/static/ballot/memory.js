// What stays on this phone, named after the hash of the code: the draft of this visit, the ballot under way,
// the receipt afterwards. Where the browser refuses to store, the page itself remembers until it is closed.
"use strict";
{
  const spare = {};

  function shelf(store, prefix) {
    return {
      read(key) {
        let text = null;
        try { text = window[store].getItem(prefix + key); } catch (refused) { /* the spare copy serves */ }
        try { return JSON.parse(text || spare[prefix + key] || null); } catch (garbled) { return null; }
      },
      write(key, value) {
        const text = spare[prefix + key] = JSON.stringify(value);
        try { window[store].setItem(prefix + key, text); } catch (refused) { /* the spare copy serves */ }
      },
      erase(key) {
        delete spare[prefix + key];
        try { window[store].removeItem(prefix + key); } catch (refused) { /* nothing was stored */ }
      },
    };
  }

  Pingjia.memory = {
    draft: shelf("sessionStorage", "pingjia-draft-"),
    ballot: shelf("localStorage", "pingjia-ballot-"),
    display: shelf("localStorage", "pingjia-display-"),
  };
}
