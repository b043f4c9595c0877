// The link to the other language leads to the section that is being read.
for (const link of document.querySelectorAll("a.language")) {
  const { href } = link;
  const aim = () => {
    const titled = [...document.querySelectorAll("article section section[id]")];
    const here = titled.filter((section) => section.getBoundingClientRect().top < innerHeight / 3).at(-1);
    link.href = here && scrollY > 0 ? `${href}#${here.id}` : `${href}${location.hash}`;
  };
  for (const sign of ["pointerdown", "focus", "click"]) link.addEventListener(sign, aim);
}
