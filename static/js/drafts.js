/* What was typed outlives a session that ended before it was sent. Every form that is sent is remembered in this tab; when
   the answer is the sign-in page, or says that the form is too old, nothing was saved: the next look at the form brings
   it back. Passwords are never kept, and signing out clears the browser's storage. */
(function () {
  "use strict";
  const DRAFT = "tp:draft";
  const NO_DRAFT = ["csrfmiddlewaretoken", "form_token", "next"];

  function keepDraft(form) {
    if (form.method !== "post" || form.querySelector("[type=password]")) return;
    const fields = Array.from(new FormData(form)).filter(function (field) {
      return typeof field[1] === "string" && field[1] !== "" && !NO_DRAFT.includes(field[0]);
    });
    saveDraft(fields.length ? { at: window.location.href, fields: fields } : null);
  }

  function saveDraft(draft) {
    try {
      if (draft) window.sessionStorage.setItem(DRAFT, JSON.stringify(draft));
      else window.sessionStorage.removeItem(DRAFT);
    } catch (error) { /* a browser that stores nothing keeps no drafts */ }
  }

  function savedDraft() {
    try { return JSON.parse(window.sessionStorage.getItem(DRAFT)); } catch (error) { return null; }
  }

  function bringDraftBack() {
    const draft = savedDraft();
    if (!draft) return;
    const interrupts = document.querySelector("[data-keeps-draft]") !== null;
    saveDraft(interrupts ? Object.assign(draft, { interrupted: true }) : null);
    if (interrupts || !draft.interrupted || draft.at !== window.location.href) return;
    if (!draft.fields.filter(fillIn).length) return;
    document.dispatchEvent(new CustomEvent("tp:toast", { detail: { level: "ok", text: document.body.dataset.textDraft } }));
  }

  function fillIn(field) {
    const places = Array.from(document.querySelectorAll("main form[method=post] [name]")).filter(function (place) {
      return place.name === field[0] && place.type !== "hidden";
    });
    places.forEach(function (place) {
      if (place.matches("[type=checkbox], [type=radio]")) place.checked = place.checked || place.value === field[1];
      else place.value = field[1];
    });
    return places.length > 0;
  }

  document.addEventListener("submit", function (event) { keepDraft(event.target); }, true);
  bringDraftBack();
})();
