"""Grade a cohort's notebooks: `make grade SUBMISSIONS=folder` (its page in the book: `instructor.md`).

`collect` finds the notebooks and `notebooks` reads them; `box` runs `inside`, where a learner's cells run,
confined by `confine`; `judge` stands outside and sees plain JSON only; `cluster` spreads the work by
dask.distributed, on one machine or many; `report` and `cohort` write what comes out, as `page` looks.
`samples` makes submissions up, and `benchmark` measures.
"""
