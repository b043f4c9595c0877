// Opens the deeper part (`../deeper.py`) that the address, a link or a search leads to.
{
  const open = (fold) => fold && !fold.open && (fold.open = true);
  const reveal = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const around = target?.closest("details.deeper");
    const headed = target?.closest("section")?.querySelector(":scope > details.deeper");
    if (open(around) || open(headed)) target.scrollIntoView();
  };
  reveal();
  addEventListener("hashchange", reveal);
  // A link to where the address is already changes nothing that one could hear of.
  addEventListener("click", ({ target }) => target.closest('a[href*="#"]') && setTimeout(reveal));
  // Sphinx 7.4 marks what was searched 10 ms after it has started.
  addEventListener("load", () => {
    setTimeout(() => {
      for (const found of document.querySelectorAll("details.deeper .highlighted")) {
        open(found.closest("details.deeper"));
      }
    }, 50);
  });
}
