#!/usr/bin/python3
"""Programs of users in a name space of their own: all of them, one that never ends, and files of authorities."""
from exec_scripts import authorities, forever, scripts, silent
from tarn import done, parts

silent()
parts(authorities)
parts(scripts, forever, args=("namespace",))
done()
