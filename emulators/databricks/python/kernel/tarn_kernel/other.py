"""dbutils.notebook.run: another notebook in a Python of its own, with a session of its own."""
import json
import os
import posixpath
import subprocess
import sys

from tarn_kernel.fs import ExecutionError

DEPTH_MAX = 16  # notebooks that run one another, each a process


def _failed(cause):
    return ExecutionError("_run", "com.databricks.WorkflowException: com.databricks.NotebookExecutionException: FAILED: " + cause)


def _argv(shell, notebook, seconds, arguments, report):
    o = shell.options
    argv = [sys.executable, "-m", "tarn_kernel", "run", "--report", report, "--engine", o.engine, "--memory", str(o.memory)]
    argv += ["--allow-sh"] if o.allow_sh else []
    argv += ["--net"] if o.net else []
    argv += ["--timeout", str(int(seconds))] if seconds else []
    for name, value in arguments.items():
        argv += ["--param", "%s=%s" % (name, value)]
    argv += ["--job", "-"]
    return argv + (["--inside", notebook.inside] if notebook.inside else []) + ["--", notebook.path]


def run_other(shell, path, seconds, arguments):
    """-> the text that it ended with by dbutils.notebook.exit; None without. Raises ExecutionError where it fails."""
    try:
        notebook = shell.places.notebook(path, shell.running[-1])
    except FileNotFoundError as e:
        raise _failed(str(e)) from None
    depth = int(os.environ.get("TARN_KERNEL_DEPTH") or 0) + 1
    if depth > DEPTH_MAX:
        raise _failed("%s: %d notebooks run one another already" % (path, DEPTH_MAX))
    r, w = os.pipe()
    env = dict(os.environ, TARN_KERNEL_CHILD="1", TARN_KERNEL_DEPTH=str(depth))
    try:
        p = subprocess.Popen(_argv(shell, notebook, seconds, arguments, "/dev/fd/%d" % w), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL, pass_fds=(w,), env=env)
    finally:
        os.close(w)
    shell.children.append(p)
    job = shell.options.job or {}
    told = {k: job[k] for k in ("root", "user") if k in job}
    told["notebook_path"] = posixpath.normpath(posixpath.join(posixpath.dirname(job.get("notebook_path") or "/"), path))
    p.stdin.write(json.dumps(told).encode("utf-8"))
    p.stdin.close()
    with os.fdopen(r, "rb") as f:
        raw = f.read()
    p.wait()
    shell.children.remove(p)
    try:
        report = json.loads(raw.decode("utf-8"))
    except ValueError:
        raise _failed("%s ended with %d" % (path, p.returncode)) from None
    if report["status"] == "timed_out":
        raise ExecutionError("_run", "com.databricks.WorkflowException: com.databricks.NotebookExecutionException: TIMEDOUT: %s ran longer than %d seconds" %
                             (path, seconds))
    if report["status"] != "ok":
        raise _failed("%s, cell %s: %s" % (path, report["cell"], report["error"]))
    return report["result"]
