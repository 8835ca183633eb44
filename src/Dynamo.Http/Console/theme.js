// Runs before the first paint, so that no reader of the dark page is shown a white one first.
(() => {
  const order = ["system", "light", "dark"];
  const kept = () => {
    try { return order.includes(localStorage.getItem("dynamo-theme")) ? localStorage.getItem("dynamo-theme") : "system"; }
    catch { return "system"; }
  };
  const apply = (theme) => {
    if (theme === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    const button = document.getElementById("theme");
    if (button) button.textContent = `Theme: ${theme}`;
  };
  let theme = kept();
  apply(theme);
  document.addEventListener("DOMContentLoaded", () => {
    apply(theme);
    document.getElementById("theme").addEventListener("click", () => {
      theme = order[(order.indexOf(theme) + 1) % order.length];
      try { localStorage.setItem("dynamo-theme", theme); } catch { /* Where nothing can be kept, it holds for this page. */ }
      apply(theme);
    });
  });
})();
