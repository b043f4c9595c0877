"""What the Makefile lets the steps see of the user's own set-up."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HOSTILE = [
    *("PYTHONSAFEPATH", "PYTHONOPTIMIZE", "PYTHONWARNINGS", "PYTHONPATH", "PYTHONSTARTUP", "IPYTHON_OPTIONS"),
    *("MPLBACKEND", "MATPLOTLIBRC", "PLOTLY_RENDERER", "JUPYTER_PATH", "PYTEST_ADDOPTS", "MKL_NUM_THREADS"),
    *("TQDM_DISABLE", "NODE_OPTIONS", "SOURCE_DATE_EPOCH", "FORCE_COLOR", "COLUMNS"),
]
OURS = {"MPLCONFIGDIR", "IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR"}
pytestmark = pytest.mark.skipif(not shutil.which("make"), reason="there is no make")


def seen(**variables: str) -> dict[str, str]:
    """Return the environment of a step of the Makefile."""
    command = ["make", "-s", "--eval", "show: ; @env", "show"]
    lines = subprocess.check_output(
        command, cwd=ROOT, env=os.environ | variables, encoding="utf-8"
    ).splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)


def test_settings_of_the_users_own_do_not_reach_the_steps(tmp_path):
    theirs = dict.fromkeys([*HOSTILE, *OURS], "/elsewhere")
    environment = seen(**theirs, PYTHON="python3.12", TORCH_INDEX="here", HOME=str(tmp_path))
    assert [name for name in HOSTILE if name in environment] == []
    assert {Path(environment[name]).relative_to(ROOT).parts[0] for name in OURS} == {"_build"}
    assert (environment["OMP_NUM_THREADS"], environment["PYTHONUTF8"]) == ("1", "1")
    assert (environment["PYTHON"], environment["TORCH_INDEX"]) == ("python3.12", "here")
    assert "npm_config_cache" not in environment


def test_caches_have_a_place_where_the_home_cannot_be_written():
    environment = seen(HOME="/proc/nohome")
    for name in ("XDG_CACHE_HOME", "npm_config_cache"):
        assert Path(environment[name]).is_relative_to(ROOT / "_build")
