// Language and size of the letters: by address and localStorage, because a member's page sets no cookie.
"use strict";
{
  const root = document.documentElement;
  const { memory } = Pingjia;

  function resize(link, big) {
    if (big !== root.classList.contains("big")) {
      root.classList.toggle("big", big);
      const word = link.textContent;
      link.textContent = link.dataset.other;
      link.dataset.other = word;
    }
    memory.display.write("big", big);
    const other = document.querySelector("[data-language]");
    other.search = other.search.replace(/&?big=[01]/, "");
  }

  Pingjia.display = {
    listen() {
      const size = document.querySelector("[data-size]");
      const asked = /[?&]big=([01])/.exec(location.search);
      resize(size, asked ? asked[1] === "1" : memory.display.read("big") === true);
      size.addEventListener("click", (event) => {
        event.preventDefault();
        resize(size, !root.classList.contains("big"));
      });
      // The other language is another document; the code goes along behind the #, where no server sees it.
      document.querySelector("[data-language]").addEventListener("click", (event) => {
        event.currentTarget.hash = location.hash;
      });
    },
  };
}
