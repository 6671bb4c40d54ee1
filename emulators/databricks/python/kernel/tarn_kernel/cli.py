"""The words of the command line."""
import argparse


def _parser():
    p = argparse.ArgumentParser(prog="tarn notebook", allow_abbrev=False)
    what = p.add_subparsers(dest="what", required=True)
    run = what.add_parser("run")
    run.add_argument("--param", action="append", default=[])
    run.add_argument("--out")
    run.add_argument("--cell", action="append", type=int, default=[])
    run.add_argument("--timeout", type=int, default=0)
    run.add_argument("--memory", type=int, default=4096)
    run.add_argument("--allow-sh", action="store_true")
    run.add_argument("--engine", default="lake")
    run.add_argument("--report")
    run.add_argument("--job")
    run.add_argument("--json", action="store_true")
    run.add_argument("--net", action="store_true")
    run.add_argument("--inside")  # of an archive, the notebook's name
    run.add_argument("file")
    check = what.add_parser("check")
    check.add_argument("--json", action="store_true")
    check.add_argument("file")
    what.add_parser("prompt").add_argument("--net", action="store_true")
    return p


def main(argv):
    """-> the exit code."""
    args = _parser().parse_args(argv)
    if args.what == "run":
        from tarn_kernel.run import run_all
        return run_all(args)
    if args.what == "check":
        from tarn_kernel.check import check_all
        return check_all(args)
    from tarn_kernel.prompt import prompt
    return prompt(args)
