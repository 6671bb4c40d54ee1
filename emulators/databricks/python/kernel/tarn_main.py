"""python3 tarn_main.py run|check|prompt: tarn_kernel/__main__.py says what they take. A file, so that modules are looked for beside it
and not in the working folder, whose files may have the names of Python's own."""
import sys

if sys.version_info < (3, 8):
    sys.exit("tarn: notebooks need Python 3.8 or newer, not %s" % sys.version.split()[0])

from tarn_kernel.cli import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
