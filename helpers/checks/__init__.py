"""Checks for a learner's answers: one module and one file of texts per assignment.

A check has two halves. The *probe* runs the learner's code on fixed inputs and returns plain values that
survive JSON; the *judge* sees only these values and returns a `Verdict`. In a notebook one follows the
other. A grader can run the probe in a sandbox and the judge outside it, so that an answer cannot forge its
score. Both run in a clean state: no verdict depends on the notebook's settings, such as gradients or the
default dtype.

Two engines do most of it: `functions` for tasks that ask for a function, `classes` for those that ask for a
class of models. Both compare numbers and gradients with a trusted twin's, and name the mistake by `rules`.
`layers` and `updates` have what some tasks share, `values` is for probes, `verdicts` for judges, and `core`
turns verdicts into messages. To add an assignment, write `NAME.py` and `NAME.toml`, as `attention` does.
"""

from importlib import import_module
from pkgutil import iter_modules

from helpers.checks.values import clean_state

with clean_state():  # modules make their inputs and twins on import
    for module in iter_modules(__path__):
        import_module(f"{__name__}.{module.name}")
