#!/bin/sh
# Lays out the image's root in the new folder $1, around the binary $2: packages of the Debian that this runs on, unpacked, and of them
# what a stack uses. The libraries that the binary links or loads, python3 with Jinja (DAGs, notebooks), busybox for a shell and its
# tools, bash and curl for init scripts, time zones; no package manager. What is in it stands in /var/lib/dpkg/status.d, where scanners
# look. The same packages give the same bytes. Asks apt for the packages; needs no root but to compile Python's modules (chroot).
set -eu
root=$1 binary=$2
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck disable=SC2046
set -- $(sh "$here/version.sh")
SOURCE_DATE_EPOCH=$2
export LC_ALL=C
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
chmod 755 "$tmp"
mkdir -p "$root"
root=$(cd "$root" && pwd)
binary=$(cd "$(dirname "$binary")" && pwd)/$(basename "$binary")

# ---- which packages: these and what they depend on, but what only their installation asks for ----
{
	ldd "$binary" | sed -n 's,.* => \(/[^ ]*\) .*,\1,p'
	find /usr/lib -name librdkafka.so.1 -o -name libmariadb.so.3
	find /usr/lib -name 'libcurl.so.4' -o -name 'libcurl-gnutls.so.4' | sort -r | head -n 1
} | while read -r f; do dpkg -S "$f" 2>/dev/null || dpkg -S "/usr$f" 2>/dev/null || dpkg -S "${f#/usr}"; done | cut -d: -f1 | sort -u >"$tmp/wanted"
not='apt|dpkg|tar|mawk|perl-base|debconf|debianutils|install-info|sensible-utils|mysql-common|mariadb-common|media-types|readline-common'
not="$not|libtirpc-common|libdb5.3.*|libmd0|libnsl2|libtirpc3.*|libncursesw6|libacl1|libselinux1|libsystemd0|openssl-provider-legacy"
# shellcheck disable=SC2046
apt-get -o Dir::State::status=/dev/null -o APT::Install-Recommends=0 -s install $(cat "$tmp/wanted") \
	python3 python3-jinja2 busybox bash curl tzdata | sed -n 's/^Inst \([^ :]*\).*/\1/p' | grep -vxE "$not" | sort >"$tmp/packages"
[ -s "$tmp/packages" ] || { echo "root.sh: apt knows no packages: apt-get update" >&2; exit 1; }
# shellcheck disable=SC2046
(mkdir -m 777 "$tmp/debs" && cd "$tmp/debs" && apt-get -qq download $(cat "$tmp/packages") 2>&1 | grep -v '^W: Download is performed unsandboxed' || :)
[ "$(find "$tmp/debs" -name '*.deb' | wc -l)" = "$(wc -l <"$tmp/packages")" ] || { echo "root.sh: not every package could be downloaded" >&2; exit 1; }

# ---- unpacked, without what nobody reads there ----
cd "$root"
mkdir -p usr/bin usr/sbin usr/lib usr/lib64 var/lib/dpkg/status.d data tmp var/tmp root etc proc sys dev run
chmod 1777 tmp var/tmp
for l in bin sbin lib lib64; do [ -e $l ] || ln -s usr/$l $l; done
for d in "$tmp"/debs/*.deb; do
	dpkg-deb --fsys-tarfile "$d" | tar -x --keep-directory-symlink --no-same-owner --exclude='./usr/share/doc/*/[!c]*' --exclude=./usr/share/man \
		--exclude=./usr/share/locale --exclude=./usr/share/lintian --exclude=./usr/share/bug --exclude='./usr/lib/*/gconv' \
		--exclude=./usr/share/zoneinfo/right --exclude=./usr/share/zoneinfo/posix --exclude='./usr/lib/python3.*/pydoc_data' \
		--exclude='./usr/lib/python3.*/test' --exclude='./usr/lib/python3.*/lib2to3' --exclude='./usr/lib/python3.*/ensurepip' \
		--exclude='./usr/lib/python3.*/_pyrepl' --exclude='./usr/lib/python3.*/distutils' --exclude='./usr/lib/python3.*/turtle.py' \
		--exclude='./usr/lib/python3.*/lib-dynload/_*test*' --exclude='./usr/lib/python3.*/lib-dynload/xx*' --exclude='*/lib-dynload/nis.*' --exclude='*/lib-dynload/_curses*' --exclude=./usr/share/gcc \
		--exclude='*/libmvec.*' --exclude='*/libbrotlienc.*' --exclude='*/libexpatw.*' --exclude='*/zoneinfo/tzdata.zi' --exclude='*/libthread_db.*' --exclude='*/libc_malloc_debug.*' --exclude='*/libmemusage.*' --exclude='./usr/lib/*/libmariadb3' --exclude='*/ossl-modules' --exclude='*/engines-3' \
		--exclude='*/changelog*' -f -
	dpkg-deb -f "$d" >"var/lib/dpkg/status.d/$(dpkg-deb -f "$d" Package)"
done
for tool in $(./bin/busybox --list); do [ -e usr/bin/"$tool" ] || [ -e usr/sbin/"$tool" ] || ln -s busybox usr/bin/"$tool"; done
echo 'root:x:0:0:root:/root:/bin/bash
nobody:x:65534:65534:nobody:/nonexistent:/bin/false' >etc/passwd
echo 'root:x:0:
nogroup:x:65534:' >etc/group
echo 'hosts: files dns' >etc/nsswitch.conf

# ---- tarn, and Python's modules that tasks and notebooks begin with, compiled: each task is a process that imports them ----
install -D -m 755 "$binary" usr/local/bin/tarn
strip -R .note.gnu.build-id usr/local/bin/tarn
install -m 755 "$here"/../image/* usr/local/bin/
chroot . /usr/bin/python3 -B - <<'PY' || echo "root.sh: Python's modules stay uncompiled" >&2
import sys, py_compile, ast, base64, copy, csv, dataclasses, datetime, decimal, functools, hashlib, importlib.util, io, jinja2, json, logging, \
    os, re, socket, subprocess, tempfile, threading, traceback, types, zoneinfo
for m in list(sys.modules.values()):
    f = getattr(m, "__file__", None) or ""
    if f.endswith(".py"):
        py_compile.compile(f, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)
PY
# Modules that few import are read from the zip that Python looks into first: a third of the size.
chroot . /usr/bin/python3 -B - "$SOURCE_DATE_EPOCH" <<'PY' || echo "root.sh: Python's modules stay unpacked" >&2
import os, py_compile, shutil, sys, time, zipfile
lib = os.path.dirname(os.__file__)
rare = "asyncio curses dbm email html http multiprocessing unittest wsgiref xml xmlrpc _aix_support _pydecimal _pyio aifc bdb cProfile cgi cgitb chunk code " \
    "doctest fileinput filecmp ftplib gettext imaplib imghdr mailbox mailcap netrc nntplib optparse pdb pickletools pipes plistlib poplib profile pstats pty " \
    "pyclbr pydoc sched smtpd smtplib sndhdr sunau symtable tabnanny tarfile telnetlib timeit trace tracemalloc uu wave xdrlib zipapp " \
    "calendar cmd codeop configparser ctypes difflib fractions ipaddress locale mimetypes modulefinder platform rlcompleter shelve socketserver sqlite3 " \
    "statistics stringprep tomllib venv webbrowser zipfile imp sched this nturl2path pkgutil runpy pickle argparse tokenize".split()
often = "asyncio email http argparse pickle ipaddress calendar zipfile ctypes configparser locale platform sqlite3 tokenize".split() # and compiled
when = time.gmtime(max(int(sys.argv[1]), 315532800))[:6]
with zipfile.ZipFile(os.path.join(os.path.dirname(lib), "python%d%d.zip" % sys.version_info[:2]), "w") as z:
    for name in rare:
        top = os.path.join(lib, name)
        files = [os.path.join(d, f) for d, _, fs in os.walk(top) for f in fs] if os.path.isdir(top) else [top + ".py"] * os.path.exists(top + ".py")
        for path in sorted(f for f in files if f.endswith(".py")):
            at = os.path.relpath(path, lib)
            py_compile.compile(path, cfile="/tmp/pyc", dfile=path, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)
            for source, to in ((path, at), ("/tmp/pyc", at + "c"))[:1 + (name in often)]:
                with open(source, "rb") as f:
                    entry = zipfile.ZipInfo(to, when)
                    entry.external_attr = 0o644 << 16
                    z.writestr(entry, f.read(), zipfile.ZIP_DEFLATED, 9)
        if os.path.isdir(top):
            shutil.rmtree(top)
        elif files:
            os.remove(top + ".py")
            for f in os.listdir(lib + "/__pycache__"):
                if f.startswith(name + ".cpython"):
                    os.remove(lib + "/__pycache__/" + f)
os.remove("/tmp/pyc")
PY
find usr/share/doc usr/share/common-licenses -type f -exec gzip -9n {} +
find . -print0 | xargs -0 touch -h -d "@$SOURCE_DATE_EPOCH"
