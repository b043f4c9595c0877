// The link to the other language leads to the section that is being read.
for (const link of document.querySelectorAll("a.language")) {
  const { href } = link;
  const isSeen = (element) => element && element.getBoundingClientRect().top < innerHeight && element.getBoundingClientRect().bottom > 0;
  const aim = () => {
    const asked = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const titled = [...document.querySelectorAll("article section section[id]")];
    const here = titled.filter((section) => section.getBoundingClientRect().top < innerHeight / 3).at(-1);
    link.href = href + (isSeen(asked) ? location.hash : here && scrollY > 0 ? `#${here.id}` : "");
  };
  for (const sign of ["pointerdown", "focus", "click"]) link.addEventListener(sign, aim);
}
