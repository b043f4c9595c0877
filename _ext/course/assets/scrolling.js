// Code, formulas and outputs that are wider than the page scroll, so the keyboard must reach them. An observer
// sees their widths when the page has been laid out, or a fold opens; to ask for them would lay it out once more.
{
  const observer = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      if (target.scrollWidth > target.clientWidth || target.scrollHeight > target.clientHeight) target.tabIndex = 0;
      else target.removeAttribute("tabindex");
    }
  });
  const boxes = document.querySelectorAll("pre, div.math, .cell_output > .output, .pst-scrollable-table-container");
  const observe = () =>
    boxes.forEach((box) => {
      observer.unobserve(box);
      observer.observe(box);
    });
  observe();
  document.fonts.ready.then(observe); // as a formula's width changes with its font
}
