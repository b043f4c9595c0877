"""Grade the submissions in a folder: `make grade SUBMISSIONS=folder`, or `python -m grading --help`."""

import argparse
import json
import os
import shutil
import sys
from pathlib import Path

from grading import judge
from grading.box import NoBoxError, require
from grading.cluster import ClusterError, connect, grade_all
from grading.collect import Found, age, collect
from grading.notebooks import UnreadableError, Work, assignments, read
from grading.report import Graded, write_all
from grading.words import spoken
from helpers.language import LANGUAGES


def sort(found: list[Found], assignment: str) -> dict[tuple[str, str], Work | str]:
    """Return the newest submission of each learner to each assignment, or why there is none.

    Args:
        found: The learners and their notebooks.
        assignment: The one that counts; "" for any.
    """
    return {(one.learner, name): work for one in found for name, work in _newest(one, assignment).items()}


def _newest(one: Found, assignment: str) -> dict[str, Work | str]:
    """Return a learner's newest submission to each assignment, or, under the one that counts, why not."""
    works: dict[str, list[tuple[Path, Work]]] = {}
    problems = []
    for path in one.paths:
        try:
            work = read(path)
            works.setdefault(work.assignment, []).append((path, work))
        except UnreadableError as error:
            problems.append(f"{path.name}: {error}")
    named = {name: [one for one in several if one[1].named] for name, several in works.items()}
    works = {name: several for name, several in named.items() if several} or works
    wanted = {name: several for name, several in works.items() if assignment in ("", name)}
    newest = {}
    for name, several in wanted.items():
        (path, work), older = several[-1], [path for path, _ in several[:-1]]
        others, notes = ", ".join(path.name for path in older), []
        if older and age(path) - age(older[-1]) < 2:  # as when an archive is unpacked
            notes = [f"Several notebooks, as old as one another: {path.name} counts; not {others}."]
        elif older:
            notes = [f"Several notebooks: {path.name}, the newest, counts; not {others}."]
        work.notes[""] = "\n".join(filter(None, [*notes, *problems, work.notes.get("")]))
        newest[name] = work
    if newest:
        return newest
    if works:
        problems.append(f"The notebook is of another assignment: {', '.join(sorted(works))}.")
    nothing = "There is no notebook."
    if one.others:
        nothing = f"There is no notebook, but {', '.join(one.others)}. Hand in the file that ends in .ipynb."
    return {assignment: "\n".join(problems) or nothing}


def main(options: argparse.Namespace) -> int:
    """Collect, grade what is new, and write what comes out; return the exit status."""
    if not options.submissions:
        sys.exit("Which folder? For example:  make grade SUBMISSIONS=~/mlp ASSIGNMENT=mlp")
    if options.assignment and options.assignment not in assignments():
        sys.exit(f"There is no assignment {options.assignment!r}. There are: {', '.join(assignments())}.")
    if options.workers < 1:
        sys.exit("WORKERS= is 1 or more.")
    if not options.unsafe and not options.scheduler:
        require()
    before = outcomes_in(Path(options.before).expanduser()) if options.before else None
    folder = Path(options.submissions).expanduser().resolve()
    submissions = sort(collect(folder), options.assignment)
    out = Path(options.out or folder.with_name(f"{folder.name}-graded")).expanduser()
    try:
        (out / "results").mkdir(parents=True, exist_ok=True)
    except OSError as error:
        sys.exit(f"{str(out)!r} cannot be written ({error.strerror}). OUT= names another folder.")
    how = options.result, not options.unsafe
    works = {judge.key(work, *how): work for work in submissions.values() if isinstance(work, Work)}
    files = {key: out / "results" / f"{key}.json" for key in works}
    if before is not None:
        for file in files.values():
            earlier = Path(options.before, "results", file.name).expanduser()
            if earlier.is_file() and not file.is_file():
                shutil.copyfile(earlier, file)
    new = {key: work for key, work in works.items() if not files[key].is_file()}
    notebooks = sum(isinstance(work, Work) for work in submissions.values())
    print(
        f"{len(submissions)} submissions: {notebooks} notebooks, {len(works)} of them different. "
        f"{len(new)} to grade, {len(works) - len(new)} as before.",
        flush=True,
    )
    if new:
        _grade(new, files, options)
    rows = []
    for (learner, assignment), work in submissions.items():
        if isinstance(work, str):
            rows.append(Graded(learner, assignment, None, {}, {"": work}))
            continue
        file = files[judge.key(work, *how)]
        records = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
        gone = {} if records else {"": "Grading did not come to an end. Run it again."}
        rows.append(Graded(learner, assignment, work, records, work.notes | gone))
    if options.unsafe:
        print("  Graded without a box: these learners' code could do what you can.")
    if before and not {row.learner for row in rows} & before.keys():
        print("  No learner has the same name as before, so nothing can be compared.")
    with spoken(options.language):
        for path in write_all(rows, out, before):
            print(f"  {path}")
    return 0


def _grade(new: dict[str, Work], files: dict[str, Path], options: argparse.Namespace) -> None:
    """Grade submissions, keep each result as soon as it is there, and print how far it is."""
    lost = []
    with connect(options.scheduler, options.workers, not options.unsafe) as client:
        graded = grade_all(client, new, options.result, not options.unsafe)
        for number, (key, records) in enumerate(graded, 1):
            if isinstance(records, str):
                lost.append(records)
            else:
                save(files[key], records)
            if number % 20 == 0 or number == len(new):
                print(f"  {number} of {len(new)}", flush=True)
    if lost:
        print(f"  {len(lost)} did not come to an end: run the same command again. The last one:\n{lost[-1]}")


def outcomes_in(folder: Path) -> dict[str, dict[str, dict[str, str]]]:
    """Return what an earlier run wrote: outcomes by learner, assignment and task.

    Raises:
        SystemExit: The folder is none that a run has written.
    """
    try:
        return json.loads((folder / "grades.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        sys.exit(f"There are no grades in {str(folder)!r}. BEFORE= is a folder that an earlier run wrote.")


def save(file: Path, records: dict[str, judge.Record]) -> None:
    """Write a result, whole or not at all."""
    half = file.with_suffix(f".{os.getpid()}")
    half.write_text(json.dumps(records, ensure_ascii=False, indent=1), encoding="utf-8")
    half.replace(file)


def options(*given: str) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m grading", description=__doc__)
    parser.error = sys.exit  # without a list of options, which `make` names otherwise
    parser.add_argument("submissions", help="folder of submissions (layouts: grading/collect.py)")
    parser.add_argument("--assignment", default="", help="its name, such as mlp; by default any")
    parser.add_argument(
        "--scheduler", default="", help="address of a dask scheduler; by default, workers here"
    )
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="number of workers here")
    parser.add_argument(
        "--result", action="store_true", help="run whole notebooks, too: training takes minutes"
    )
    parser.add_argument(
        "--before", default="", help="what an earlier deadline came to: its folder of results"
    )
    parser.add_argument(
        "--language", choices=LANGUAGES, default="en", help="of the cohort's page; learners have their own"
    )
    parser.add_argument("--out", default="", help="where results go; by default beside the submissions")
    parser.add_argument("--unsafe", action="store_true", help="without a box: for notebooks of your own")
    return parser.parse_args(given or None)


if __name__ == "__main__":
    try:
        sys.exit(main(options()))
    except (NoBoxError, ClusterError) as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit("\nInterrupted. What is graded is kept: run the same command again.")
