"""Where a worker looks for modules: libraries first, the user's own folders last.

Python puts the script's folder, or the current one, before every library. A file named ``queue.py`` or a folder named
``baselines`` beside a user's table would then be run by each worker in the library's place.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path


def own_folders() -> set[str]:
    """The current folder and the script's, unless PYTHONPATH names them or these packages are there."""
    script = getattr(sys.modules["__main__"], "__file__", None)
    folders = {os.getcwd(), *([os.path.dirname(script)] if script else [])}
    named = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    trusted = {str(Path(__file__).parents[2]), *filter(None, named)}
    return set(map(os.path.realpath, folders)) - set(map(os.path.realpath, trusted))


def import_path() -> list[str]:
    """This process's ``sys.path`` in absolute form, with the user's own folders behind all others."""
    own = own_folders()
    return sorted(map(os.path.abspath, sys.path), key=lambda entry: os.path.realpath(entry) in own)
