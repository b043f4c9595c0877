// Formulas wider than the screen scroll, so the keyboard must reach them. An observer sees their widths when the
// page has been laid out; to ask for them would lay it out once more.
{
  const observer = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
      else target.removeAttribute("tabindex");
    }
  });
  const formulas = document.querySelectorAll("div.math");
  formulas.forEach((box) => observer.observe(box));
  document.fonts.ready.then(() =>
    formulas.forEach((box) => {
      observer.unobserve(box);
      observer.observe(box); // as a formula's width changes with its font
    }),
  );
}
