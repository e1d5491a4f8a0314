/* What every page does better with a script. Nothing here is needed to use a page: links are links, forms are forms,
   menus are <details>. Behaviour hangs on data attributes, listed in docs/interface.md. */
(function () {
  "use strict";
  const body = document.body;
  const TOAST_MS = 8000;
  const COUNTS_MS = 60000;

  function closest(event, selector) {
    return event.target instanceof Element ? event.target.closest(selector) : null;
  }

  function announce(text) {
    const live = document.getElementById("live");
    if (live) live.textContent = text;
  }

  /* --- Menus and drawer ------------------------------------------------- */

  function closeMenus(except) {
    document.querySelectorAll("details.tp-menu[open]").forEach(function (menu) {
      if (menu !== except) menu.open = false;
    });
  }

  function setDrawer(open) {
    const opener = document.querySelector(".tp-burger");
    body.classList.toggle("nav-open", open);
    document.querySelectorAll("[data-nav-open]").forEach(function (button) {
      button.setAttribute("aria-expanded", String(open));
    });
    const first = document.querySelector(open ? "#sidebar a" : ".tp-burger");
    if (first && opener && opener.offsetParent) first.focus();
  }

  document.addEventListener("click", function (event) {
    closeMenus(closest(event, "details.tp-menu"));
    if (closest(event, "[data-nav-open]")) {
      event.preventDefault();
      setDrawer(!body.classList.contains("nav-open"));
    } else if (body.classList.contains("nav-open") && !closest(event, "#sidebar")) {
      event.preventDefault(); // the click on the scrim only closes
      setDrawer(false);
    }
  });

  /* --- Dialogs and the side panel --------------------------------------- */

  let panelOpener = null;

  function openDialog(id) {
    const dialog = document.getElementById(id);
    if (!dialog || !dialog.showModal) return false;
    dialog.showModal();
    return true;
  }

  function closePanel() {
    const panel = document.getElementById("panel");
    if (!panel || !panel.firstElementChild) return false;
    panel.replaceChildren();
    if (panelOpener && panelOpener.isConnected) panelOpener.focus();
    panelOpener = null;
    return true;
  }

  document.addEventListener("click", function (event) {
    const opener = closest(event, "[data-dialog-open]");
    if (opener && openDialog(opener.dataset.dialogOpen)) event.preventDefault();
    const closer = closest(event, "[data-dialog-close]");
    if (closer) closer.closest("dialog").close();
    if (closest(event, "[data-panel-close]") && closePanel()) event.preventDefault();
    const eye = closest(event, "[data-show-password]");
    if (eye) showPassword(eye);
  });

  function showPassword(button) {
    const field = document.getElementById(button.dataset.showPassword);
    const hidden = field.type === "password";
    field.type = hidden ? "text" : "password";
    button.setAttribute("aria-pressed", String(hidden));
    button.querySelector(".bi").className = hidden ? "bi bi-eye-slash" : "bi bi-eye";
  }

  /* --- Toasts ------------------------------------------------------------ */

  function startToast(toast) {
    let timer = window.setTimeout(remove, TOAST_MS);
    function remove() {
      if (toast.matches(":hover, :focus-within")) timer = window.setTimeout(remove, TOAST_MS);
      else toast.remove();
    }
    toast.addEventListener("click", function (event) {
      if (!closest(event, "[data-toast-close]")) return;
      window.clearTimeout(timer);
      toast.remove();
    });
  }

  /* detail: {text, level: "ok"|"error", undo: URL that takes the inverse by POST, or nothing} */
  function showToast(detail) {
    const region = document.getElementById("toasts");
    const template = document.getElementById("toast-template");
    if (!region || !template) return;
    const toast = template.content.firstElementChild.cloneNode(true);
    toast.querySelector("[data-toast-text]").textContent = detail.text;
    if (detail.level === "error") toast.querySelector(".bi").className = "bi bi-exclamation-circle-fill";
    const undo = toast.querySelector("form");
    if (detail.undo) undo.action = detail.undo;
    else undo.remove();
    region.replaceChildren(toast);
    startToast(toast);
  }

  document.addEventListener("tp:toast", function (event) { showToast(event.detail); });
  document.addEventListener("tp:announce", function (event) { announce(event.detail.text || event.detail.value); });
  document.querySelectorAll("#toasts .tp-toast").forEach(startToast);

  /* --- Forms: one submit at a time, theme choice, self-submitting selects -- */

  function setBusy(form, busy) {
    const button = form.tpSubmitter || form.querySelector('[type="submit"], button:not([type])');
    form.toggleAttribute("data-busy", busy);
    if (!button) return;
    if (busy) button.setAttribute("aria-busy", "true");
    else button.removeAttribute("aria-busy");
  }

  document.addEventListener("submit", function (event) {
    const form = event.target;
    if (form.hasAttribute("data-busy")) {
      event.preventDefault();
      event.stopPropagation(); // before htmx sees it: a double click posts once
      return;
    }
    form.tpSubmitter = event.submitter;
    if (form.matches("[data-theme-form], [data-keys-form]")) {
      event.preventDefault();
      if (form.matches("[data-theme-form]")) chooseTheme(form, event.submitter);
      else switchKeys(form, event.submitter);
      return;
    }
    // After the other listeners, so that one which stops the submit leaves the button usable.
    window.setTimeout(function () {
      if (!event.defaultPrevented || form.matches("[hx-post], [hx-get]")) setBusy(form, true);
    });
  }, true);

  window.addEventListener("pageshow", function () {
    document.querySelectorAll("form[data-busy]").forEach(function (form) { setBusy(form, false); });
  });

  /* Stores a choice of the user's without leaving the page; "done" runs when it is stored. */
  function store(form, data, done) {
    fetch(form.action, { method: "POST", body: data, headers: { "HX-Request": "true" } }).then(function (response) {
      if (!response.ok) throw new Error(String(response.status));
      done();
    }).catch(function () { showToast({ level: "error", text: body.dataset.textOffline }); });
  }

  function chooseTheme(form, button) {
    const choice = button.value;
    const data = new FormData(form, button);
    document.dispatchEvent(new CustomEvent("tp:theme", { detail: { choice: choice } }));
    form.querySelectorAll("[name=theme]").forEach(function (other) {
      other.setAttribute("aria-pressed", String(other === button));
    });
    store(form, data, function () { announce(button.dataset.done || ""); });
  }

  function switchKeys(form, button) {
    const choice = button.value;
    store(form, new FormData(form, button), function () {
      document.documentElement.dataset.letterKeys = choice;
      button.value = choice === "on" ? "off" : "on";
      button.setAttribute("aria-pressed", String(choice === "on"));
    });
  }

  document.addEventListener("change", function (event) {
    const select = closest(event, "[data-autosubmit]");
    if (select) select.form.requestSubmit();
    const all = closest(event, "[data-select-all]");
    if (all) selectRows(all.closest("table, [data-selection]"), all.checked);
    if (closest(event, "[data-select-all], [data-select]")) showSelection();
  }, true); // before htmx hears it: what it sends are the boxes as they are now

  function selectRows(table, checked) {
    table.querySelectorAll("[data-select]").forEach(function (box) { box.checked = checked; });
  }

  function showSelection() {
    const boxes = Array.from(document.querySelectorAll("[data-select]"));
    const chosen = boxes.filter(function (box) { return box.checked; });
    boxes.forEach(function (box) {
      const row = box.closest("tr, .fu");
      if (row) row.classList.toggle("sel", box.checked);
    });
    document.querySelectorAll("[data-select-all]").forEach(function (all) {
      all.checked = boxes.length > 0 && chosen.length === boxes.length;
      all.indeterminate = chosen.length > 0 && chosen.length < boxes.length;
    });
    document.querySelectorAll("[data-selected-count]").forEach(function (place) { place.textContent = chosen.length; });
    document.querySelectorAll("[data-with-selection]").forEach(function (bar) { bar.hidden = chosen.length === 0; });
  }

  /* --- htmx --------------------------------------------------------------- */

  let running = 0;

  function isQuiet(event) {
    return event.detail.elt.closest("[data-quiet]") !== null;
  }

  document.addEventListener("htmx:configRequest", function (event) {
    event.detail.headers["X-CSRFToken"] = document.querySelector('meta[name="csrf-token"]').content;
    if (event.detail.verb !== "get") return;
    Object.keys(event.detail.parameters).forEach(function (name) {
      if (event.detail.parameters[name] === "") delete event.detail.parameters[name]; // addresses stay short
    });
  });

  document.addEventListener("htmx:beforeRequest", function (event) {
    if (isQuiet(event)) return;
    running += 1;
    body.classList.add("is-loading");
    if (event.detail.target && event.detail.target.id === "panel") panelOpener = document.activeElement;
  });

  document.addEventListener("htmx:afterRequest", function (event) {
    const form = event.detail.elt.closest("form");
    if (form) setBusy(form, false);
    if (isQuiet(event)) return;
    running = Math.max(0, running - 1);
    if (running === 0) body.classList.remove("is-loading");
  });

  /* Focus stays on the control that had it, also when the swap moves it or puts its like in its place. */
  let focused = null;

  document.addEventListener("htmx:afterSwap", function () {
    const again = focused && (focused.isConnected ? focused : document.getElementById(focused.id));
    if (again && document.activeElement === body) again.focus();
    focused = null;
  });

  let leavingRow = -1;

  document.addEventListener("htmx:beforeSwap", function (event) {
    const target = event.detail.target;
    focused = document.activeElement === body ? null : document.activeElement;
    leavingRow = target && target.matches(".fu, tr") ? rows().indexOf(target) : -1;
  });

  document.addEventListener("htmx:afterSettle", function (event) {
    const summary = event.detail.elt.querySelector("[data-error-summary]");
    if (summary) summary.focus();
    else if (leavingRow >= 0 && document.activeElement === body) moveTo(Math.min(leavingRow, rows().length - 1));
    leavingRow = -1;
    showSelection();
  });

  ["htmx:responseError", "htmx:sendError", "htmx:timeout"].forEach(function (name) {
    document.addEventListener(name, function (event) {
      if (!isQuiet(event)) showToast({ level: "error", text: errorText(event.detail.xhr) });
    });
  });

  function errorText(xhr) {
    if (xhr && xhr.getResponseHeader("X-Form-Too-Old")) return body.dataset.textTooOld;
    if (xhr && xhr.status === 403) return body.dataset.textDenied;
    if (xhr && xhr.status === 404) return body.dataset.textGone;
    return body.dataset.textOffline;
  }

  /* Counts refresh only while the page is visible, and once when it becomes visible again. */
  let countsAt = Date.now();

  function refreshCounts() {
    if (document.visibilityState !== "visible" || Date.now() - countsAt < COUNTS_MS || !window.htmx) return;
    countsAt = Date.now();
    document.querySelectorAll("[data-counts]").forEach(function (place) { window.htmx.trigger(place, "tp:tick"); });
  }

  /* Figures that count the page's rows follow when one of them changes: each [data-live] is taken from the page as
     it is now. What no longer stands there goes. */
  let liveAsked = 0;

  function refreshLive() {
    const asked = ++liveAsked;
    if (!document.querySelector("[data-live]")) return;
    fetch(window.location.href).then(function (response) {
      if (!response.ok) throw new Error(String(response.status));
      return response.text();
    }).then(function (text) {
      if (asked === liveAsked) takeLive(new DOMParser().parseFromString(text, "text/html"));
    }).catch(function () {}); // the figures stay as they were until the page is loaded again
  }

  function takeLive(page) {
    document.querySelectorAll("[data-live]").forEach(function (place) {
      const now = page.getElementById(place.id);
      if (!now) return place.remove();
      keepChoice(place.querySelector("select"), now.querySelector("select"));
      place.replaceWith(now);
      window.htmx.process(now);
    });
  }

  function keepChoice(before, now) {
    if (!before || !now) return;
    const same = Array.from(now.options).some(function (option) { return option.value === before.value; });
    if (same) now.value = before.value;
  }

  document.addEventListener("tp:counts", refreshLive);
  window.setInterval(refreshCounts, 5000);
  document.addEventListener("visibilitychange", refreshCounts);

  /* --- Keyboard ------------------------------------------------------------ */

  let pendingGo = 0;

  function rows() {
    return Array.from(document.querySelectorAll(".fu, .tp-table[data-rows] tbody tr"));
  }

  function currentRow() {
    return document.querySelector(".fu.cur, .tp-table[data-rows] tbody tr.cur");
  }

  function moveTo(index) {
    const all = rows();
    if (!all[index]) return;
    all.forEach(function (row, at) { row.classList.toggle("cur", at === index); });
    const link = all[index].querySelector("a.link-strong, a");
    if (link) link.focus();
    all[index].scrollIntoView({ block: "nearest" });
  }

  function keysAreOn() {
    return document.documentElement.dataset.letterKeys !== "off"; // stored with the user, drawn with the page
  }

  function rowKey(key) {
    const row = currentRow();
    if (key === "x" && row) {
      const box = row.querySelector("[data-select]");
      if (box) box.click();
      return box !== null;
    }
    const scope = row && row.querySelector('[data-key="' + key + '"]');
    const target = scope || document.querySelector('[data-key="' + key + '"]:not(.fu *, tr *)');
    if (target && target.matches("input")) target.focus();
    else if (target) target.click();
    return target !== null;
  }

  function letter(key) {
    if (pendingGo && Date.now() - pendingGo < 1500) {
      pendingGo = 0;
      const link = document.querySelector('[data-go="' + key + '"]');
      if (link) link.click();
      return link !== null;
    }
    if (key === "g") pendingGo = Date.now();
    else if (key === "j" || key === "k") moveTo(rows().indexOf(currentRow()) + (key === "j" ? 1 : -1));
    else if (key === "z") return clickUndo();
    else if (key === "?") return openDialog("keys");
    else return rowKey(key);
    return true;
  }

  function clickUndo() {
    const undo = document.querySelector("#toasts form");
    if (undo) undo.requestSubmit();
    return undo !== null;
  }

  document.addEventListener("keydown", function (event) {
    const typing = closest(event, "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && typing && typing.form) {
      event.preventDefault();
      typing.form.requestSubmit();
    } else if (event.key === "Escape") {
      closeMenus(null);
      if (body.classList.contains("nav-open")) setDrawer(false);
      else if (!document.querySelector("dialog[open]")) closePanel();
    } else if (!typing && !event.ctrlKey && !event.metaKey && !event.altKey && event.key.length === 1) {
      if (keysAreOn() && !document.querySelector("dialog[open]") && letter(event.key.toLowerCase())) event.preventDefault();
    }
  });

  showSelection();
  const summary = document.querySelector("[data-error-summary]");
  if (summary) summary.focus();
})();
