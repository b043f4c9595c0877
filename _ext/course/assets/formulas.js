// Formulas wider than the screen scroll, so the keyboard must reach them.
{
  const reach = () =>
    document.querySelectorAll("div.math").forEach((box) => {
      box.toggleAttribute("tabindex", box.scrollWidth > box.clientWidth);
      if (box.hasAttribute("tabindex")) box.tabIndex = 0;
    });
  addEventListener("resize", reach);
  document.fonts.ready.then(reach);
  reach();
}
