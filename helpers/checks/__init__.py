"""Checks of a learner's answers, one module and one file of texts per assignment.

A task is checked in two halves. Its *probe* runs the learner's code on fixed inputs and returns plain values
that survive JSON; its *judge* takes nothing but these values and returns a `Verdict`. In a notebook one
follows the other. A grader can run the probe in a sandbox and the judge outside of it, so that an answer
cannot forge its score. Both work in a clean state: no verdict depends on what the notebook has set, such as
gradients or the default dtype.

`values` is for probes, `verdicts` for judges, and `core` makes messages of verdicts. To add an assignment,
write `NAME.py` and `NAME.toml` after the example of `mlp`.
"""

from importlib import import_module
from pkgutil import iter_modules

from helpers.checks.values import clean_state

with clean_state():  # modules make their inputs and twins when they are loaded
    for module in iter_modules(__path__):
        import_module(f"{__name__}.{module.name}")
