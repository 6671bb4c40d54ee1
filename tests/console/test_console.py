#!/usr/bin/env python3
"""The console in Debian's chromium, driven by playwright-core (make clients): tests/console/page_*.mjs, a page each."""
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "clients"))
from tarn import TARN, registry, skip_all  # noqa: E402

modules = os.environ.get("TARN_NODE_MODULES") or registry("npm/node_modules")
for name in ("playwright-core", "axe-core"):
    if not os.path.isdir(os.path.join(modules, name)):
        skip_all(f"{name} of npm is not here (make clients)")
browser = os.environ.get("CHROMIUM") or shutil.which("chromium")
if not browser or not shutil.which("node"):
    skip_all("chromium or node is not here (sh tests/setup.sh browser, make clients)")
run = os.path.join(os.path.dirname(os.path.abspath(__file__)), "run.mjs")
sys.exit(subprocess.run(["node", run, *sys.argv[1:]], env={**os.environ, "TARN": TARN, "TARN_NODE_MODULES": modules, "CHROMIUM": browser}).returncode)
