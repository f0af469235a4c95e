"""Programs for the shell of a container. They come to it by its standard input: neither scripts nor variables are on a command line."""

import re
import shlex
from collections.abc import Mapping
from uuid import uuid4

VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
COOKIE = "JENKINS_SERVER_COOKIE"
"""Variable by which the processes of a step are known, also those that left its process group."""


def exports(variables: Mapping[str, object]) -> str:
    """Return lines that set the variables. Names that no shell takes are left out; `PATH+ANY` is put before PATH, as in Jenkins."""
    lines = []
    for name, value in variables.items():
        before, plus, _ = name.partition("+")
        if VARIABLE.fullmatch(before) and value is not None:
            rest = f'"${{{before}:+:${before}}}"' if plus else ""
            lines.append(f"export {before}={quoted(value)}{rest}\n")
    return "".join(lines)


def quoted(value: object) -> str:
    """Return a word for the shell. A NUL, which no variable can hold, is left out."""
    return shlex.quote(str(value).replace("\0", ""))


def document(text: str) -> tuple[str, str]:
    """Return a redirection and the lines that must follow its command, by which the command reads the text."""
    end = f"END_{uuid4().hex}"
    without = text.replace("\0", "")
    return f"<<'{end}'", f"{without}\n{end}\n"


def step(script: str, variables: Mapping[str, object], directory: str, control: str, *, apart: bool) -> tuple[str, str]:
    """Return the program that runs a step's script in `directory`, and the mark with which its standard error ends.

    `control`: folder of its own for the script and its process group. `apart`: standard error is not part of standard output.
    A script with a `#!` line runs by it, another by `sh -xe`. What it leaves in the background goes on, and the mark with the exit code
    is written nevertheless.
    """
    mark, place, there = f"ended-{uuid4().hex}", quoted(control), quoted(directory)
    redirect, text = document(script)
    run = f"{'' if script.startswith('#!') else 'sh -xe '}{place}/script.sh"
    return (
        f"""{{
mkdir -p {place} {there} && chmod 700 {place} && cd {there} || exit 126
cat >{place}/script.sh {redirect} || exit 126
{text}chmod 700 {place}/script.sh
apart=$(command -v setsid)
(
{exports({**variables, COOKIE: mark})}exec $apart {run}
) </dev/null{"" if apart else " 2>&1"} &
echo $! >{place}/pid
wait $!
code=$?
rm -rf {place}
echo {mark} $code >&2
exit $code
}}
""",
        mark,
    )


def kill(control: str, mark: str, patience: int = 5) -> str:
    """Return the program that ends all processes of a step: TERM, and after `patience` seconds KILL."""
    place = quoted(control)
    # `kill -s NAME --` is understood by every shell, unlike `kill -NAME --`.
    return f"""{{
find_all() {{
    for each in $(grep -ls {COOKIE}={mark} /proc/[0-9]*/environ 2>/dev/null); do
        each=${{each#/proc/}}
        echo "${{each%/environ}}"
    done
    if test -s {place}/pid; then
        leader=$(cat {place}/pid)
        if kill -s 0 -- "-$leader" 2>/dev/null; then echo "-$leader"; fi
        if kill -s 0 -- "$leader" 2>/dev/null; then echo "$leader"; fi
    fi
}}
signal=TERM
for turn in {" ".join(map(str, range(patience + 3)))}; do
    found=$(find_all)
    if test -z "$found" && test "$turn" -gt 0; then break; fi
    if test "$turn" -ge {patience}; then signal=KILL; fi
    for each in $found; do kill -s $signal -- "$each" 2>/dev/null; done
    sleep 1
done
rm -rf {place}
exit
}}
"""
