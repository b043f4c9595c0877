// A formula that is wider than the screen scrolls: the keyboard must reach it.
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
