// The screens of the one document: exactly one is shown, its heading takes the focus, "back" goes one back.
"use strict";
{
  const product = document.title.replace(/^.*(?= · )/, "");
  let pinned = false, spent = "";

  function show(name, target) {
    let heading = null;
    for (const screen of document.querySelectorAll("[data-screen]")) {
      screen.hidden = screen.dataset.screen !== name;
      if (!screen.hidden) { heading = screen.querySelector("h1"); }
    }
    document.title = (heading.dataset.title || heading.textContent) + product;
    document.documentElement.dataset.shown = name;
    window.scrollTo(0, 0);
    Pingjia.screens.focus(target || heading);
  }

  // Links inside the page must not touch the fragment: it holds the code.
  function jump(event) {
    const link = event.target.closest("a[href^='#']");
    if (!link) { return; }
    event.preventDefault();
    const target = document.getElementById(link.getAttribute("href").slice(1));
    const start = link.matches(".skip") ? document.querySelector("[data-screen]:not([hidden]) h1") : target;
    if (start) { Pingjia.screens.focus(start); }
  }

  Pingjia.screens = {
    // A new place in the history.
    go(name, target) {
      history.pushState({ screen: name }, "");
      show(name, target);
    },
    // The same place becomes another screen.
    become(name, target) {
      history.replaceState({ screen: name }, "");
      show(name, target);
    },
    // A ballot under way or in the box: "back" finds nothing older than this.
    pin(name) {
      pinned = name;
      Pingjia.screens.become(name);
    },
    // A borrowed phone is given back: no address of this visit leads to the code any more.
    dropLink() {
      spent = spent || location.hash;
      history.replaceState(history.state, "", location.pathname + location.search);
    },
    focus(element) {
      if (!element.matches("a,button,input,textarea,[tabindex]")) { element.tabIndex = -1; }
      element.focus();
    },
    listen() {
      addEventListener("popstate", (event) => {
        if (pinned || event.state) { show(pinned || event.state.screen); }
      });
      // Another person's link opened in the same window changes only the fragment.
      addEventListener("hashchange", () => {
        if (spent && location.hash === spent) { Pingjia.screens.dropLink(); } else { location.reload(); }
      });
      document.addEventListener("click", jump);
    },
  };
}
