// Shows what a concept is while its link is hovered or focused; Escape hides it.
document.querySelectorAll(".concept-link").forEach((box, i) => {
  const [link, preview] = box.children;
  const show = () => {
    preview.hidden = false;
    preview.style.left = "0"; // below the link, moved left if the screen is too narrow
    const { right } = preview.getBoundingClientRect();
    const { clientWidth } = document.documentElement;
    preview.style.left = `${Math.min(0, clientWidth - 8 - right)}px`;
  };
  const hide = () => (preview.hidden = true);
  preview.id = `concept-${i + 1}`;
  link.setAttribute("aria-describedby", preview.id);
  box.onmouseenter = show;
  box.onmouseleave = hide;
  link.onfocus = show;
  link.onblur = hide;
  document.addEventListener("keydown", (event) => event.key === "Escape" && hide());
});
