"use strict";
(() => {
  const byId = (id) => document.getElementById(id);

  // Theme: the system's, until the button says otherwise. A page opened from disk may have no storage.
  const root = document.documentElement;
  const button = byId("theme");
  const system = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : system.matches);
  const stored = (value) => {
    try {
      if (value) localStorage.setItem("ns-lint-theme", value);
      return localStorage.getItem("ns-lint-theme");
    } catch {
      return null;
    }
  };
  const label = () => { button.textContent = isDark() ? "Light" : "Dark"; };
  const saved = stored();
  if (saved === "light" || saved === "dark") root.dataset.theme = saved;
  button.setAttribute("aria-label", "Switch between light and dark");
  button.hidden = false;
  button.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    stored(root.dataset.theme);
    label();
  });
  system.addEventListener("change", label);
  label();

  // Whoever follows a link to something folded or filtered out wants to see it.
  const form = byId("filter");
  const reveal = () => {
    const target = location.hash.length > 1 && byId(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    if (target.hidden) form.reset();
    setTimeout(() => {
      if (target.tagName === "DETAILS") {
        target.open = true;
        target.querySelector("summary").focus();
      }
      target.scrollIntoView();
    });
  };

  if (form) {
    const findings = [...document.querySelectorAll("details.finding")];
    const sections = [...document.querySelectorAll("section.file")];
    const texts = findings.map((finding) => finding.textContent.toLowerCase());
    const apply = () => {
      const words = byId("search").value.toLowerCase().split(/\s+/).filter(Boolean);
      const severities = new Set([...form.querySelectorAll("[name=severity]:checked")].map((box) => box.value));
      const rule = byId("rule").value;
      const file = byId("file").value;
      const fixable = byId("fixable").checked;
      const onlyNew = byId("new") !== null && byId("new").checked;
      let shown = 0;
      findings.forEach((finding, index) => {
        const data = finding.dataset;
        finding.hidden = !(
          severities.has(data.severity) &&
          (!rule || data.rule === rule) &&
          (!file || data.file === file) &&
          (!fixable || "fixable" in data) &&
          (!onlyNew || "new" in data) &&
          words.every((word) => texts[index].includes(word))
        );
        if (!finding.hidden) shown += 1;
      });
      for (const section of sections) {
        section.hidden = section.querySelector("details.finding:not([hidden])") === null;
      }
      byId("nothing").hidden = shown > 0;
      byId("shown").textContent = `${shown} of ${findings.length} findings`;
    };
    const fold = (open) => {
      for (const finding of findings) if (!finding.hidden) finding.open = open;
    };
    byId("unfold").addEventListener("click", () => fold(true));
    byId("fold").addEventListener("click", () => fold(false));
    form.addEventListener("input", apply);
    form.addEventListener("change", apply);
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("reset", () => setTimeout(apply));
    form.hidden = false;
    apply(); // a browser may have kept what was typed before a reload
  }
  addEventListener("hashchange", reveal);
  reveal();
})();
