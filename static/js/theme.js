/* Sets the theme before the first paint, so it stands in the head and blocks.
   Order: the user's setting (<html data-theme-choice>), else the choice stored in this browser, else the system's. */
(function () {
  "use strict";
  const root = document.documentElement;
  root.classList.add("has-script"); // styles for pages without a script leave then
  const system = window.matchMedia("(prefers-color-scheme: dark)");

  function stored() {
    try {
      return window.localStorage.getItem("tp-theme");
    } catch (error) {
      return null; // storage can be switched off; the system's theme is then the choice
    }
  }

  function store(choice) {
    try {
      window.localStorage.setItem("tp-theme", choice);
    } catch (error) {
      // As above: the choice then lasts for this page.
    }
  }

  function apply() {
    const choice = root.dataset.themeChoice || stored() || "system";
    const dark = choice === "dark" || (choice === "system" && system.matches);
    root.setAttribute("data-bs-theme", dark ? "dark" : "light");
  }

  if (root.dataset.themeChoice) store(root.dataset.themeChoice);
  apply();
  system.addEventListener("change", apply);
  document.addEventListener("tp:theme", function (event) {
    root.dataset.themeChoice = event.detail.choice;
    store(event.detail.choice);
    apply();
  });
})();
