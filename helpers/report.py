"""Numbers computed by a notebook and quoted in its prose."""

from IPython.display import publish_display_data

_PREFIX = "application/papermill.record/"  # MyST-NB's `glue` stores outputs of this type without showing them


def report(**values: float | int) -> None:
    """Show every number, and store it for the prose of the same notebook.

    After `report(val_accuracy=0.981)`, the text can say ``{glue:text}`mlp.ipynb::val_accuracy:.1%` ``. This
    does what `myst_nb.glue` does, but also works in a downloaded notebook, without the book. The book leaves
    out what is shown here: its sentences say it.

    Raises:
        TypeError: A value is not a Python int or float. (NumPy's do not print as plain digits, and words
            must not be glued: they could not be translated.)
    """
    for name, value in values.items():
        if type(value) not in (int, float):
            raise TypeError(f"report({name}=...) takes a Python int or float, not {type(value).__name__}")
        form = ".4g" if isinstance(value, float) else ","
        publish_display_data(
            {f"{_PREFIX}text/plain": repr(value), "text/plain": f"{name} = {value:{form}}"},
            {"scrapbook": {"name": name, "mime_prefix": _PREFIX}},
        )
