#!/usr/bin/python3
"""Programs of users whose connects the kernel asks about."""
from exec_scripts import forever, scripts
from tarn import done, parts

parts(scripts, forever, args=("notify",))
done()
