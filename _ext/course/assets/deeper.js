// Opens the deeper part (`../deeper.py`) that the address, a link or a search leads to.
{
  const reveal = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const inside = target?.querySelector(":scope > details.deeper");
    const around = target?.closest("details.deeper");
    if (![inside, around].some((fold) => fold && !fold.open)) return;
    for (const fold of [inside, around]) if (fold) fold.open = true;
    target.scrollIntoView();
  };
  reveal();
  addEventListener("hashchange", reveal);
  // A link to where the address is already changes nothing that one could hear of.
  addEventListener("click", ({ target }) => target.closest('a[href*="#"]') && setTimeout(reveal));
  addEventListener("load", () => {
    for (const found of document.querySelectorAll("details.deeper .highlighted")) {
      found.closest("details.deeper").open = true;
    }
  });
}
