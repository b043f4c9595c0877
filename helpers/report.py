"""Numbers that a notebook computes and its prose quotes."""

from IPython.display import publish_display_data

_PREFIX = "application/papermill.record/"  # MyST-NB's `glue` keeps, and does not show, outputs of this type


def report(**values: float | int) -> None:
    """Print every number, and keep it for the prose of the same notebook.

    After `report(val_accuracy=0.981)`, the text may say ``{glue:text}`mlp.ipynb::val_accuracy:.1%` ``. This
    does what `myst_nb.glue` does, in a notebook that was downloaded and has no book around it too.

    Raises:
        TypeError: a value is no int or float of Python. (NumPy's do not print as digits alone, and words
            are glued nowhere: they could not be translated.)
    """
    for name, value in values.items():
        if type(value) not in (int, float):
            raise TypeError(
                f"report({name}=...) takes an int or a float of Python, not {type(value).__name__}"
            )
        form = ".4g" if isinstance(value, float) else ","
        print(f"{name} = {value:{form}}")
        publish_display_data(
            {f"{_PREFIX}text/plain": repr(value)}, {"scrapbook": {"name": name, "mime_prefix": _PREFIX}}
        )
