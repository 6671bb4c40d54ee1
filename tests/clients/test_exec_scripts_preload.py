#!/usr/bin/python3
"""Programs of users that load a library, and have a proxy."""
from exec_scripts import forever, scripts
from tarn import done, parts

parts(scripts, forever, args=("preload",))
done()
